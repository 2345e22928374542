import { NamesrvConfigError } from '../errors.js'

/** Settings of a name server, named as Java names them. Java: NamesrvConfig, NettyServerConfig. */
export interface NamesrvConfigValues {
  /** Address to bind. */
  bindAddress: string
  /** 0 takes a free port. */
  listenPort: number
  /** File of the key-value configuration; empty keeps it in memory only. */
  kvConfigPath: string
  /** Refuse routes until brokers had `waitSecondsForService` to register. */
  needWaitForService: boolean
  waitSecondsForService: number
  /** Tell clients the queues of topics of global order. */
  orderMessageEnable: boolean
  /** Tell registering brokers the topics of global order. */
  returnOrderTopicConfigToBroker: boolean
  /** Show the slave with the lowest id as master where there is none. */
  supportActingMaster: boolean
  /** A full registration forgets the broker's topics it does not hold. */
  deleteTopicWithBrokerRegistration: boolean
  /** Answer the lists of topics by cluster and unit. */
  enableTopicList: boolean
  /** Answer the list of all topics. */
  enableAllTopicList: boolean
  /** Tell brokers of a name when their lowest id changes. */
  notifyMinBrokerIdChanged: boolean
  /** Milliseconds between looks at silent brokers. */
  scanNotActiveBrokerInterval: number
  /** Departures of brokers waiting at most. */
  unRegisterBrokerQueueCapacity: number
  /** Seconds without traffic after which a connection is closed. */
  serverChannelMaxIdleTimeSeconds: number
}

/** A configuration key. */
export interface NamesrvConfigKey {
  readonly name: keyof NamesrvConfigValues
  readonly defaultValue: string | number | boolean
  /** May be changed from the network while the name server runs: neither a path, an address nor a size. */
  readonly isHot: boolean
  /** Bounds of a number. */
  readonly min?: number
  readonly max?: number
}

const MAX_INT = 2_147_483_647

/** Every key, with Java's default and whether it may change at run time. */
export const namesrvConfigKeys: readonly NamesrvConfigKey[] = [
  { name: 'bindAddress', defaultValue: '127.0.0.1', isHot: false },
  { name: 'listenPort', defaultValue: 9876, isHot: false, min: 0, max: 65_535 },
  { name: 'kvConfigPath', defaultValue: '', isHot: false },
  { name: 'needWaitForService', defaultValue: false, isHot: true },
  { name: 'waitSecondsForService', defaultValue: 45, isHot: true, min: 0, max: 3_600 },
  { name: 'orderMessageEnable', defaultValue: false, isHot: true },
  { name: 'returnOrderTopicConfigToBroker', defaultValue: true, isHot: true },
  { name: 'supportActingMaster', defaultValue: false, isHot: true },
  { name: 'deleteTopicWithBrokerRegistration', defaultValue: false, isHot: true },
  { name: 'enableTopicList', defaultValue: true, isHot: true },
  { name: 'enableAllTopicList', defaultValue: true, isHot: true },
  { name: 'notifyMinBrokerIdChanged', defaultValue: false, isHot: true },
  { name: 'scanNotActiveBrokerInterval', defaultValue: 5_000, isHot: false, min: 100, max: MAX_INT },
  { name: 'unRegisterBrokerQueueCapacity', defaultValue: 3_000, isHot: false, min: 1, max: MAX_INT },
  { name: 'serverChannelMaxIdleTimeSeconds', defaultValue: 120, isHot: false, min: 1, max: 86_400 },
]

/** Keys that Java names as never to be changed from the network. */
export const configBlackList: ReadonlySet<string> = new Set([
  'configBlackList',
  'configStorePath',
  'kvConfigPath',
  'rocketmqHome',
])

const keysByName: ReadonlyMap<string, NamesrvConfigKey> = new Map(namesrvConfigKeys.map((key) => [key.name, key]))

/** The key of a name; undefined for names that are no key. */
export function findNamesrvConfigKey(name: string): NamesrvConfigKey | undefined {
  return keysByName.get(name)
}

/** All settings, with defaults for what is left out. @throws NamesrvConfigError for a value out of its key's bounds. */
export function createNamesrvConfig(values: Partial<NamesrvConfigValues>): NamesrvConfigValues {
  const entries = namesrvConfigKeys.map((key): [string, unknown] => {
    const value = values[key.name] ?? key.defaultValue
    checkValue(key, value)
    return [key.name, value]
  })
  // The table has a row for every member, and checkValue compared each value's type with its default's.
  return Object.fromEntries(entries) as unknown as NamesrvConfigValues
}

/** The value a text stands for. @throws NamesrvConfigError if the key has no such value. */
export function parseNamesrvConfigValue(key: NamesrvConfigKey, text: string): string | number | boolean {
  const value = valueOf(key, text)
  if (value === undefined) throw invalid(key, text)
  checkValue(key, value)
  return value
}

function valueOf(key: NamesrvConfigKey, text: string): string | number | boolean | undefined {
  if (typeof key.defaultValue === 'string') return text
  if (typeof key.defaultValue === 'number') return /^-?\d{1,15}$/.test(text) ? Number(text) : undefined
  return text === 'true' ? true : text === 'false' ? false : undefined
}

function checkValue(key: NamesrvConfigKey, value: string | number | boolean): void {
  if (typeof value !== typeof key.defaultValue) throw invalid(key, value)
  if (typeof value !== 'number') return
  const { min = 0, max = MAX_INT } = key
  if (!Number.isInteger(value) || value < min || value > max) throw invalid(key, value)
}

function invalid(key: NamesrvConfigKey, value: unknown): NamesrvConfigError {
  const { name, defaultValue, min, max } = key
  const kind = typeof defaultValue === 'number' ? `a whole number from ${min} to ${max}` : `a ${typeof defaultValue}`
  return new NamesrvConfigError(`${name} is ${JSON.stringify(value)}: it takes ${kind}, such as ${defaultValue}`, {
    fields: { key: name },
  })
}
