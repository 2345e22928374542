import type { Answer, Clock, DataVersion, HandlerTable, Logger, RequestContext } from '@mq/remoting'
import {
  answer,
  encodeDataVersion,
  GetBrokerConfig,
  nextDataVersion,
  ResponseCode,
  ResponseError,
  UpdateBrokerConfig,
} from '@mq/remoting'
import { bodyOf } from '../request-body.js'
import type { BrokerConfig } from './broker-config.js'
import { brokerConfigTable } from './broker-config.js'
import type { ConfigEntry, ConfigValue } from './config-entry.js'
import { parseConfigValue } from './config-entry.js'

/** Called after a key changed; `previous` is its old value. */
export type ConfigChangeListener = (key: keyof BrokerConfig, previous: ConfigValue) => void

/** What ConfigRequests works with. */
export interface ConfigRequestsOptions {
  readonly config: BrokerConfig
  readonly clock: Clock
  readonly logger: Logger
}

/** Reads and changes the configuration of a running broker. Java: AdminBrokerProcessor#updateBrokerConfig, #getBrokerConfig. */
export class ConfigRequests {
  readonly #config: BrokerConfig
  readonly #clock: Clock
  readonly #logger: Logger
  readonly #listeners: ConfigChangeListener[] = []
  #dataVersion: DataVersion

  constructor({ config, clock, logger }: ConfigRequestsOptions) {
    this.#config = config
    this.#clock = clock
    this.#logger = logger
    this.#dataVersion = { counter: 0, stateVersion: 0, timestamp: clock.now() }
  }

  /** Adds a listener for changes. */
  onChange(listener: ConfigChangeListener): void {
    this.#listeners.push(listener)
  }

  /** Serves the configuration commands on a server. */
  register(handlers: HandlerTable): void {
    handlers.on(GetBrokerConfig, () => {
      const version = encodeDataVersion(this.#dataVersion).toString()
      return answer({ header: { version }, body: Buffer.from(this.#text(), 'utf8') })
    })
    handlers.on(UpdateBrokerConfig, (_header, context) => this.#update(context))
  }

  #text(): string {
    const lines = Object.entries(this.#config).map(([key, value]) => `${key}=${value}\n`)
    return lines.sort().join('')
  }

  /** Applies every line or none. Keys that decide over paths, addresses or sizes of files are never changed from the network. */
  #update(context: RequestContext): Answer {
    const lines = bodyOf(context)
      .toString('utf8')
      .split('\n')
      .filter((line) => line.trim() !== '')
    const changes = lines.map(parseChange)
    for (const { key, value } of changes) this.#apply(key, value, context.connection.remoteAddress)
    return answer({})
  }

  #apply(key: keyof BrokerConfig, value: ConfigValue, caller: string): void {
    const previous = this.#config[key]
    if (previous === value) return
    Object.assign(this.#config, { [key]: value })
    this.#dataVersion = nextDataVersion(this.#dataVersion, this.#clock.now())
    this.#logger.info('a configuration key was changed', { key, value, previous, caller })
    for (const listener of this.#listeners) listener(key, previous)
  }
}

function parseChange(line: string): { key: keyof BrokerConfig; value: ConfigValue } {
  const at = line.indexOf('=')
  const key = (at < 0 ? line : line.slice(0, at)).trim()
  const entry = ownEntry(key)
  if (entry === undefined) {
    throw new ResponseError(ResponseCode.INVALID_PARAMETER, `key ${key} is not known: getBrokerConfig lists the keys`)
  }
  if (!entry.changeable) {
    const remark = `key ${key} cannot be changed while the broker runs: change its file and restart`
    throw new ResponseError(ResponseCode.NO_PERMISSION, remark)
  }
  const parsed = parseConfigValue(entry, at < 0 ? '' : line.slice(at + 1))
  if ('problem' in parsed) throw new ResponseError(ResponseCode.INVALID_PARAMETER, `key ${key}: ${parsed.problem}`)
  return { key: key as keyof BrokerConfig, value: parsed.value }
}

function ownEntry(key: string): ConfigEntry<ConfigValue> | undefined {
  return Object.hasOwn(brokerConfigTable, key) ? brokerConfigTable[key as keyof typeof brokerConfigTable] : undefined
}
