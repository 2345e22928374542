import type { TopicConfigAndMappingWrapper } from '@mq/remoting'
import type { BrokerAddress, BrokerChannel } from './broker-live-table.js'

/** What brokers of one name are told when their lowest id changes. */
export interface MinBrokerIdChange {
  readonly brokerName: string
  readonly brokerAddrs: ReadonlyMap<number, string>
  /** The address that went, if one did. */
  readonly offlineBrokerAddr?: string
  /** The replication address of the one that came, if one did. */
  readonly haBrokerAddr?: string
}

/** A broker's registration. */
export interface BrokerRegistration extends BrokerAddress {
  readonly brokerName: string
  readonly brokerId: number
  readonly haServerAddr: string
  readonly zoneName?: string | undefined
  /** Undefined for brokers from before the option. */
  readonly enableActingMaster?: boolean | undefined
  /** Milliseconds. */
  readonly heartbeatTimeoutMillis?: number | undefined
  readonly topics: TopicConfigAndMappingWrapper
  readonly filterServerList: readonly string[]
  readonly channel: BrokerChannel
}

/** What a registration came to; `master` is told to slaves whose master is live. */
export type RegistrationResult =
  | { readonly kind: 'registered'; readonly master?: { readonly haServerAddr: string; readonly masterAddr: string } }
  /** Another address holds this id with a later state; Java answers SUCCESS without saying so. */
  | { readonly kind: 'outdated' }
  | { readonly kind: 'refused'; readonly reason: string }

/** A broker that leaves. */
export interface BrokerDeparture extends BrokerAddress {
  readonly brokerName: string
  readonly brokerId: number
}

/** A broker silent for longer than it announced. */
export interface ExpiredBroker {
  readonly departure: BrokerDeparture
  /** The connection it registered through last. */
  readonly channel: BrokerChannel
  readonly timeoutMs: number
}
