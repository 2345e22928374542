import type { MessageRequestModeSetting, MessageRequestModeTable } from '@mq/remoting'
import type { ConfigFile } from '../config-files/config-file.js'
import { parseMessageRequestModeTable, stringifyMessageRequestModeTable } from './message-request-mode-json.js'

/** How groups consume topics where somebody has said so: a table in memory, messageRequestMode.json on disk. Java: MessageRequestModeManager. */
export class MessageRequestModeManager {
  readonly #file: ConfigFile
  #table: MessageRequestModeTable = new Map()

  constructor(file: ConfigFile) {
    this.#file = file
  }

  /** Reads messageRequestMode.json. @throws ConfigFileError when neither it nor its backup can be parsed. */
  async load(): Promise<void> {
    this.#table = (await this.#file.load(parseMessageRequestModeTable)) ?? new Map()
  }

  /** Everything messageRequestMode.json holds. */
  get table(): MessageRequestModeTable {
    return this.#table
  }

  /** Sets how a group consumes a topic. @throws ConfigFileError when the file cannot be written; it is set in memory then. */
  async set(setting: MessageRequestModeSetting): Promise<void> {
    const { topic, consumerGroup } = setting
    const groups = new Map(this.#table.get(topic)).set(consumerGroup, setting)
    this.#table = new Map(this.#table).set(topic, groups)
    await this.#file.persist(() => stringifyMessageRequestModeTable(this.#table))
  }
}
