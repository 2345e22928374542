import type { Clock, DataVersion, Logger, SubscriptionGroupConfig, SubscriptionGroupWrapper } from '@mq/remoting'
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

/** The bit of a forbidden table that takes away reading. */
const READ_FORBIDDEN = 1 << 2

/** What a SubscriptionGroupManager works with. */
export interface SubscriptionGroupManagerOptions {
  readonly config: BrokerConfig
  readonly clock: Clock
  readonly file: ConfigFile
  readonly logger: Logger
}

/** Groups, topics and bits: which topics a group may not read. */
type ForbiddenTable = SubscriptionGroupWrapper['forbiddenTable']

/** The consumer groups of this broker: a table in memory, subscriptionGroup.json on disk. Java: SubscriptionGroupManager. */
export class SubscriptionGroupManager {
  readonly #options: SubscriptionGroupManagerOptions
  readonly #table = new Map<string, SubscriptionGroupConfig>()
  #forbidden: ForbiddenTable = new Map()
  #dataVersion: DataVersion
  /** True while the file is older than the table. */
  #isDirty = false

  constructor(options: SubscriptionGroupManagerOptions) {
    this.#options = options
    this.#dataVersion = { counter: 0, stateVersion: 0, timestamp: options.clock.now() }
    for (const group of defaultGroups) this.#table.set(group, defaultSubscriptionGroupConfig(group))
  }

  /** Reads subscriptionGroup.json. @throws ConfigFileError when neither it nor its backup can be parsed. */
  async load(): Promise<void> {
    const loaded = await this.#options.file.load(parseSubscriptionGroupTable)
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
  get forbidden(): ForbiddenTable {
    return this.#forbidden
  }

  /** Whether the group must not read the topic. Java: SubscriptionGroupForbidden, INDEX_READ. */
  isReadForbidden(group: string, topic: string): boolean {
    return ((this.#forbidden.get(group)?.get(topic) ?? 0) & READ_FORBIDDEN) !== 0
  }

  /**
   * Forbids a group to read a topic, or allows it again. False when there is no room for another such rule.
   * @throws ConfigFileError when the file cannot be written; nothing has changed then. Java: SubscriptionGroupManager#updateForbidden.
   */
  async forbidReading(rule: {
    readonly group: string
    readonly topic: string
    readonly isForbidden: boolean
  }): Promise<boolean> {
    const { group, topic, isForbidden } = rule
    if (this.isReadForbidden(group, topic) === isForbidden) return true
    const rules = [...this.#forbidden.values()].reduce((sum, topics) => sum + topics.size, 0)
    if (isForbidden && rules >= this.#options.config.maxSubscriptionGroupNums) return false
    const before = this.#forbidden
    this.#forbidden = withBits(before, rule, (before.get(group)?.get(topic) ?? 0) ^ READ_FORBIDDEN)
    this.#changed()
    try {
      await this.#persist()
    } catch (cause) {
      if (this.isReadForbidden(group, topic) === isForbidden) {
        this.#forbidden = withBits(this.#forbidden, rule, before.get(group)?.get(topic) ?? 0)
      }
      throw cause
    }
    return true
  }

  /**
   * The group's settings, made with the defaults when it is missing and groups are created automatically; undefined when
   * they are not, the name is illegal, or there is no room. A group made so is written in the background: losing it costs
   * nothing, for it would be made again. Java: findSubscriptionGroupConfig.
   */
  find(group: string): SubscriptionGroupConfig | undefined {
    const existing = this.#table.get(group)
    if (existing !== undefined) return existing
    const allowed = this.#options.config.autoCreateSubscriptionGroup || isSystemGroup(group)
    if (!allowed || !this.hasRoomFor(1) || validateGroup(group) !== undefined) return undefined
    const created = defaultSubscriptionGroupConfig(group)
    this.#set(group, created)
    this.#persist().catch((cause: unknown) => {
      this.#options.logger.error('a new subscription group is in memory only', { group, error: cause })
    })
    return created
  }

  /** Whether `more` further groups would stay within `maxSubscriptionGroupNums`. */
  hasRoomFor(more: number): boolean {
    return this.#table.size + more <= this.#options.config.maxSubscriptionGroupNums
  }

  /** Sets groups with one write to disk. @throws ConfigFileError when it fails; nothing has changed then. */
  async putAll(groups: readonly SubscriptionGroupConfig[]): Promise<void> {
    await this.#change(new Map(groups.map((group) => [group.groupName, group])))
  }

  /** Forgets a group; false when there was none. @throws ConfigFileError when the file cannot be written. */
  async delete(group: string): Promise<boolean> {
    if (!this.#table.has(group)) return false
    await this.#change(new Map([[group, undefined]]))
    return true
  }

  /** Writes what an earlier write failed to. @throws ConfigFileError when this one fails too. */
  async close(): Promise<void> {
    if (this.#isDirty) await this.#persist()
  }

  async #change(changes: ReadonlyMap<string, SubscriptionGroupConfig | undefined>): Promise<void> {
    const before = new Map([...changes.keys()].map((group) => [group, this.#table.get(group)]))
    for (const [group, settings] of changes) this.#set(group, settings)
    try {
      await this.#persist()
    } catch (cause) {
      for (const [group, settings] of before)
        if (this.#table.get(group) === changes.get(group)) this.#set(group, settings)
      throw cause
    }
  }

  #set(group: string, settings: SubscriptionGroupConfig | undefined): void {
    if (settings === undefined) this.#table.delete(group)
    else this.#table.set(group, settings)
    this.#changed()
  }

  #changed(): void {
    this.#dataVersion = nextDataVersion(this.#dataVersion, this.#options.clock.now())
    this.#isDirty = true
  }

  async #persist(): Promise<void> {
    await this.#options.file
      .persist(() => {
        this.#isDirty = false
        const { dataVersion, forbidden: forbiddenTable, table: subscriptionGroupTable } = this
        return stringifySubscriptionGroupTable({ dataVersion, forbiddenTable, subscriptionGroupTable })
      })
      .catch((cause: unknown) => {
        this.#isDirty = true
        throw cause
      })
  }
}

/** The table with the bits of a group and a topic replaced; no row is kept for nothing. */
function withBits(
  table: ForbiddenTable,
  { group, topic }: { readonly group: string; readonly topic: string },
  bits: number,
): ForbiddenTable {
  const topics = new Map(table.get(group))
  if (bits === 0) topics.delete(topic)
  else topics.set(topic, bits)
  const changed = new Map(table)
  if (topics.size === 0) changed.delete(group)
  else changed.set(group, topics)
  return changed
}
