import type { Clock, DataVersion, SubscriptionGroupConfig, SubscriptionGroupWrapper } from '@mq/remoting'
import { defaultSubscriptionGroupConfig, isSystemGroup, nextDataVersion, validateGroup } from '@mq/remoting'
import type { ConfigFile } from '../config-files/config-file.js'
import type { BrokerConfig } from '../configuration/broker-config.js'
import { parseSubscriptionGroupTable, stringifySubscriptionGroupTable } from './subscription-group-table-json.js'

const defaultGroups = [
  'TOOLS_CONSUMER',
  'FILTERSRV_CONSUMER',
  'SELF_TEST_C_GROUP',
  'CID_ONS-HTTP-PROXY',
  'CID_ONSAPI_PULL',
  'CID_ONSAPI_PERMISSION',
  'CID_ONSAPI_OWNER',
  'CID_RMQ_SYS_TRANS',
]

/** What a SubscriptionGroupManager works with. */
export interface SubscriptionGroupManagerOptions {
  readonly config: BrokerConfig
  readonly clock: Clock
  readonly file: ConfigFile
}

/** The consumer groups of this broker: a table in memory, subscriptionGroup.json on disk. Java: SubscriptionGroupManager. */
export class SubscriptionGroupManager {
  readonly #config: BrokerConfig
  readonly #clock: Clock
  readonly #file: ConfigFile
  readonly #table = new Map<string, SubscriptionGroupConfig>()
  #forbidden: SubscriptionGroupWrapper['forbiddenTable'] = new Map()
  #dataVersion: DataVersion

  constructor({ config, clock, file }: SubscriptionGroupManagerOptions) {
    this.#config = config
    this.#clock = clock
    this.#file = file
    this.#dataVersion = { counter: 0, stateVersion: 0, timestamp: clock.now() }
    for (const group of defaultGroups) this.#table.set(group, defaultSubscriptionGroupConfig(group))
  }

  /** Reads subscriptionGroup.json. Throws ConfigFileError when neither it nor its backup can be parsed. */
  async load(): Promise<void> {
    const loaded = await this.#file.load(parseSubscriptionGroupTable)
    if (loaded === undefined) return
    for (const [groupName, group] of loaded.subscriptionGroupTable) this.#table.set(groupName, { ...group, groupName })
    this.#forbidden = loaded.forbiddenTable
    this.#dataVersion = loaded.dataVersion
  }

  /** Counts the changes. */
  get dataVersion(): DataVersion {
    return this.#dataVersion
  }

  /** All groups, by name. */
  get table(): ReadonlyMap<string, SubscriptionGroupConfig> {
    return this.#table
  }

  /** Which topics a group may not read, as bit sets by topic. */
  get forbidden(): SubscriptionGroupWrapper['forbiddenTable'] {
    return this.#forbidden
  }

  /**
   * The group's settings, made with the defaults when it is missing and groups are created automatically; undefined when
   * they are not, the name is illegal, or the broker has `maxSubscriptionGroupNums` groups. Java: findSubscriptionGroupConfig.
   */
  find(group: string): SubscriptionGroupConfig | undefined {
    const existing = this.#table.get(group)
    if (existing !== undefined) return existing
    const allowed = this.#config.autoCreateSubscriptionGroup || isSystemGroup(group)
    const full = this.#table.size >= this.#config.maxSubscriptionGroupNums
    if (!allowed || full || validateGroup(group) !== undefined) return undefined
    const created = defaultSubscriptionGroupConfig(group)
    this.#table.set(group, created)
    void this.#persist()
    return created
  }

  /** Sets a group; settles when it is on disk. */
  async put(group: SubscriptionGroupConfig): Promise<void> {
    this.#table.set(group.groupName, group)
    await this.#persist()
  }

  /** Forgets a group; false when there was none. */
  async delete(group: string): Promise<boolean> {
    if (!this.#table.delete(group)) return false
    await this.#persist()
    return true
  }

  /** Writes subscriptionGroup.json now. */
  async persist(): Promise<void> {
    await this.#file.persist(() =>
      stringifySubscriptionGroupTable({
        dataVersion: this.#dataVersion,
        forbiddenTable: this.#forbidden,
        subscriptionGroupTable: this.#table,
      }),
    )
  }

  #persist(): Promise<void> {
    this.#dataVersion = nextDataVersion(this.#dataVersion, this.#clock.now())
    return this.persist()
  }
}
