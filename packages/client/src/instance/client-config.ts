import type { Logger, RpcHook, Runtime, SerializeType } from '@mq/remoting'

/** The settings in force after defaults. */
export interface ClientConfig {
  readonly nameServerAddresses: readonly string[]
  readonly namesrvDomain: string | undefined
  readonly namesrvDomainSubgroup: string
  readonly clientIP: string
  readonly instanceName: string
  readonly clientId: string
  readonly unitName: string | undefined
  readonly unitMode: boolean
  readonly pollNameServerInterval: number
  readonly heartbeatBrokerInterval: number
  readonly persistConsumerOffsetInterval: number
  readonly mqClientApiTimeout: number
  readonly vipChannelEnabled: boolean
  readonly useHeartbeatV2: boolean
  /** Empty for none. */
  readonly namespace: string
  readonly namespaceV2: string | undefined
  readonly enableStreamRequestType: boolean
  readonly enableHeartbeatChannelEventListener: boolean
  readonly defaultTopicQueueNums: number
  readonly serializeType: SerializeType
  readonly rpcHook: RpcHook | undefined
  readonly logger: Logger
  readonly runtime: Runtime
}
