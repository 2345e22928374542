import { hostname } from 'node:os'
import type { Logger, RpcHook, Runtime } from '@mq/remoting'
import { parseIp, validateTopic } from '@mq/remoting'
import type { FileSystem, MessageStore } from '@mq/store'
import { parseDelayLevels } from '@mq/store'
import type { BrokerConfig } from './configuration/broker-config.js'
import { brokerConfigTable, defaultBrokerConfig } from './configuration/broker-config.js'
import type { ConfigEntry, ConfigValue } from './configuration/config-entry.js'
import { localAddress } from './configuration/local-address.js'
import { BrokerConfigError } from './errors.js'
import type { SendMessageHook } from './send/send-message-hook.js'

/** What a broker is started with: keys as in broker.conf, and what it stands on. */
export interface BrokerOptions extends Partial<BrokerConfig> {
  /** Clock, timers, random and network; Node's unless given. */
  readonly runtime?: Runtime
  /** Where tables and, unless `messageStore` is given, messages are kept; Node's unless given. */
  readonly fileSystem?: FileSystem
  /** A store of the caller's, loaded and started; the broker closes it. A DefaultMessageStore unless given. */
  readonly messageStore?: MessageStore
  /** Silent unless given. */
  readonly logger?: Logger
  /** Run around every send, in this order. */
  readonly sendMessageHooks?: readonly SendMessageHook[]
  /** See every request of clients and its answer, in this order. Java: registerServerRPCHook. */
  readonly rpcHooks?: readonly RpcHook[]
}

/** Fills in what the options leave out and checks every key. @throws BrokerConfigError naming the first bad one. */
export function resolveBrokerConfig(options: BrokerOptions): BrokerConfig {
  const config = defaultBrokerConfig()
  for (const key of Object.keys(brokerConfigTable) as (keyof BrokerConfig)[]) {
    const given = options[key]
    if (given === undefined) continue
    const problem = problemOf(brokerConfigTable[key], given)
    if (problem !== undefined) throw new BrokerConfigError(key, problem)
    Object.assign(config, { [key]: given })
  }
  config.brokerName ||= machineName()
  config.brokerIP1 ||= localAddress(config.bindAddress)
  config.brokerIP2 ||= config.brokerIP1
  if (config.brokerRole !== 'SLAVE') config.brokerId = 0
  checkTogether(config)
  return config
}

/** The checks that one key alone does not pass or fail. */
function checkTogether(config: BrokerConfig): void {
  if (config.storePathRootDir === '') throw new BrokerConfigError('storePathRootDir', 'name the directory of the store')
  if (parseDelayLevels(config.messageDelayLevel) === undefined) {
    const problem = `'${config.messageDelayLevel}' must be 1 to 128 delays such as 1s 10m 2h 1d, separated by blanks`
    throw new BrokerConfigError('messageDelayLevel', problem)
  }
  // Both become names of topics.
  for (const key of ['brokerName', 'brokerClusterName'] as const) {
    const problem = validateTopic(config[key])
    if (problem === undefined) continue
    throw new BrokerConfigError(key, `'${config[key]}' must be made of letters, digits, %, |, _ and -, at most 127`)
  }
  for (const key of ['brokerIP1', 'brokerIP2'] as const) {
    if (parseIp(config[key]) !== undefined) continue
    throw new BrokerConfigError(key, `'${config[key]}' is no IP address: messages carry it, a name does not fit there`)
  }
  if (config.brokerRole === 'SLAVE' && config.brokerId === 0) {
    throw new BrokerConfigError('brokerId', '0 is the master: give a SLAVE another id')
  }
}

function machineName(): string {
  return (
    hostname()
      .split('.')[0]
      ?.replaceAll(/[^a-zA-Z0-9_-]/g, '-') || 'broker'
  )
}

function problemOf(entry: ConfigEntry<ConfigValue>, value: ConfigValue): string | undefined {
  if (entry.kind === 'integer') {
    const { min = 0, max = Number.MAX_SAFE_INTEGER } = entry
    const fits = typeof value === 'number' && Number.isSafeInteger(value) && value >= min && value <= max
    return fits ? undefined : `${value} is not a whole number from ${min} to ${max}`
  }
  if (entry.kind === 'boolean') return typeof value === 'boolean' ? undefined : `${value} is neither true nor false`
  if (typeof value !== 'string') return `${value} is not text`
  if (entry.choices?.includes(value) === false) return `${value} is not one of ${entry.choices.join(', ')}`
  return undefined
}

/** Splits `a:9876;b:9876` into addresses. */
export function nameServerAddresses(namesrvAddr: string): string[] {
  return namesrvAddr
    .split(';')
    .map((address) => address.trim())
    .filter((address) => address !== '')
}
