/** Bounds of what brokers and administrators may make a name server hold. */
export interface NameServerLimits {
  /** Broker addresses registered at one time. */
  readonly maxBrokers: number
  /** Topics in one registration. */
  readonly maxTopicsPerRegistration: number
  /** Bytes of one registration's body. */
  readonly maxRegistrationBodySize: number
  /** Entries of the key-value configuration, all namespaces together. */
  readonly maxKvConfigEntries: number
  /** UTF-16 units of one entry: namespace, key and value. */
  readonly maxKvConfigEntryLength: number
}

/** What holds for a name server unless it is told otherwise. */
export const defaultNameServerLimits: NameServerLimits = {
  maxBrokers: 10_000,
  maxTopicsPerRegistration: 200_000,
  maxRegistrationBodySize: 16_777_216,
  maxKvConfigEntries: 100_000,
  maxKvConfigEntryLength: 65_536,
}
