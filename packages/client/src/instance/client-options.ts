import { type Logger, nodeRuntime, type RpcHook, type Runtime, type SerializeType, silentLogger } from '@mq/remoting'
import { MQClientError } from '../errors.js'
import { localAddress } from './client-address.js'
import { buildClientId, defaultInstanceName, ownInstanceName } from './client-id.js'
import type { ClientConfig } from './client-config.js'
import type { MQClientManager } from './mq-client-manager.js'
import { namespaceOfAddress, parseNameServerAddresses } from './name-server-address.js'

/** Settings every kind of client has, with Java's names and defaults. Java: ClientConfig. */
export interface ClientOptions {
  /** Name servers as `host:port;host:port`. Default: the environment variable NAMESRV_ADDR. */
  readonly namesrvAddr?: string
  /**
   * Host, with a port if not 80, of an HTTP server that answers with the name servers' addresses. Only asked when it is set
   * here and no namesrvAddr is known; Java's built-in default host is never contacted. Java: rocketmq.namesrv.domain.
   */
  readonly namesrvDomain?: string
  /** Last part of that server's path `/rocketmq/…`. Default `nsaddr`. Java: rocketmq.namesrv.domain.subgroup. */
  readonly namesrvDomainSubgroup?: string
  /** First part of the client id. Default: an address of this machine. */
  readonly clientIP?: string
  /** Second part of the client id. Default `DEFAULT`, which is replaced by a name of its own for each client. */
  readonly instanceName?: string
  readonly unitName?: string
  readonly unitMode?: boolean
  /** Milliseconds between route refreshes. Default 30000, at least 10. */
  readonly pollNameServerInterval?: number
  /** Milliseconds between heartbeats. Default 30000, at least 10. */
  readonly heartbeatBrokerInterval?: number
  /** Milliseconds between saves of consumer offsets. Default 5000, at least 10. */
  readonly persistConsumerOffsetInterval?: number
  /** Milliseconds for requests that are no sends, such as route queries and heartbeats. Default 3000. */
  readonly mqClientApiTimeout?: number
  /** Whether sends and admin calls go to the broker's port minus 2. Default false. */
  readonly vipChannelEnabled?: boolean
  /** Whether heartbeats leave unchanged subscriptions out. Default false. */
  readonly useHeartbeatV2?: boolean
  /** Prefix of all topics and groups. Default: the one namesrvAddr carries, if any. */
  readonly namespace?: string
  /** Namespace sent beside unchanged names. Default none. */
  readonly namespaceV2?: string
  /** Whether requests are marked as stream requests, which is also part of the client id. Default false. */
  readonly enableStreamRequestType?: boolean
  /** Whether a new connection to a known broker gets a heartbeat at once. Default true. */
  readonly enableHeartbeatChannelEventListener?: boolean
  /** Queues a topic made from the template gets. Default 4. */
  readonly defaultTopicQueueNums?: number
  /** Header codec of requests. Default `JSON`. Java: rocketmq.serialize.type. */
  readonly serializeType?: SerializeType
  /** Sees every request and answer, for example to sign requests. */
  readonly rpcHook?: RpcHook
  /**
   * Where clients of equal client id find the MQClientInstance they share. Default: one of this client's own, so that nothing
   * is shared without being passed.
   */
  readonly clientManager?: MQClientManager
  /** Default: silent. */
  readonly logger?: Logger
  /** Time, chance and network. Default: Node's. */
  readonly runtime?: Runtime
}

/**
 * Applies the defaults and checks the values; throws MQClientError CLIENT_CONFIG naming the option that cannot be used.
 * `keepsDefaultName` is for clients whose id must be the same after a restart, as the path of local offsets depends on it.
 */
export function resolveClientConfig(options: ClientOptions, how: { keepsDefaultName?: boolean } = {}): ClientConfig {
  const runtime = options.runtime ?? nodeRuntime
  const namesrvAddr = options.namesrvAddr ?? process.env['NAMESRV_ADDR']
  const nameServerAddresses = namesrvAddr === undefined ? [] : parseNameServerAddresses(namesrvAddr)
  if (nameServerAddresses.length === 0 && options.namesrvDomain === undefined) {
    throw new MQClientError('no name server is configured', { code: 'NO_NAME_SERVER' })
  }
  const identity = {
    clientIP: options.clientIP ?? localAddress(),
    instanceName:
      how.keepsDefaultName === true ? (options.instanceName ?? defaultInstanceName) : instanceNameOf(options, runtime),
    unitName: options.unitName,
    enableStreamRequestType: options.enableStreamRequestType ?? false,
  }
  return {
    ...identity,
    nameServerAddresses,
    namesrvDomain: options.namesrvDomain,
    namesrvDomainSubgroup: options.namesrvDomainSubgroup ?? 'nsaddr',
    clientId: buildClientId(identity),
    unitMode: options.unitMode ?? false,
    pollNameServerInterval: atLeast(10, 'pollNameServerInterval', options.pollNameServerInterval ?? 30_000),
    heartbeatBrokerInterval: atLeast(10, 'heartbeatBrokerInterval', options.heartbeatBrokerInterval ?? 30_000),
    persistConsumerOffsetInterval: atLeast(
      10,
      'persistConsumerOffsetInterval',
      options.persistConsumerOffsetInterval ?? 5000,
    ),
    mqClientApiTimeout: atLeast(1, 'mqClientApiTimeout', options.mqClientApiTimeout ?? 3000),
    vipChannelEnabled: options.vipChannelEnabled ?? false,
    useHeartbeatV2: options.useHeartbeatV2 ?? false,
    namespace: options.namespace ?? namespaceOfAddress(namesrvAddr ?? '') ?? '',
    namespaceV2: options.namespaceV2,
    enableHeartbeatChannelEventListener: options.enableHeartbeatChannelEventListener ?? true,
    defaultTopicQueueNums: atLeast(1, 'defaultTopicQueueNums', options.defaultTopicQueueNums ?? 4),
    serializeType: options.serializeType ?? 'JSON',
    rpcHook: options.rpcHook,
    logger: options.logger ?? silentLogger,
    runtime,
  }
}

function instanceNameOf(options: ClientOptions, runtime: Runtime): string {
  const name = options.instanceName ?? defaultInstanceName
  return name === defaultInstanceName ? ownInstanceName(runtime, process.pid) : name
}

/** Returns the value if it is a whole number in the range, both ends included, else throws MQClientError CLIENT_CONFIG. */
export function within(range: { min: number; max: number }, option: string, value: number): number {
  if (Number.isSafeInteger(value) && value >= range.min && value <= range.max) return value
  const message = `${option} is ${value}, but must be a whole number from ${range.min} to ${range.max}`
  throw new MQClientError(message, { code: 'CLIENT_CONFIG', fields: { option, value } })
}

/** Returns the value if it is a whole number of at least `min`, else throws MQClientError CLIENT_CONFIG. */
export function atLeast(min: number, option: string, value: number): number {
  if (Number.isSafeInteger(value) && value >= min) return value
  throw new MQClientError(`${option} is ${value}, but must be a whole number of at least ${min}`, {
    code: 'CLIENT_CONFIG',
    fields: { option, value },
  })
}
