import type { QueueData, TopicConfig, TopicQueueMappingInfo } from '@mq/remoting'
import { withoutWrite } from './permission.js'

/** Bits of a topic's system flag. Java: TopicSysFlag. */
const UNIT_FLAG = 1
const UNIT_SUB_FLAG = 2

/** Which topics are asked for by the unit lists. */
export type UnitFilter = 'unit' | 'hasUnitSub' | 'hasUnitSubUnunit'

/** Which broker has which queues of which topic. Java: topicQueueTable and topicQueueMappingInfoTable of RouteInfoManager. */
export class TopicQueueTable {
  readonly #topics = new Map<string, Map<string, QueueData>>()
  readonly #mappings = new Map<string, Map<string, TopicQueueMappingInfo>>()

  topicNames(): string[] {
    return [...this.#topics.keys()]
  }

  /** The queues of a topic by broker name; undefined for unknown topics. */
  queuesOf(topic: string): ReadonlyMap<string, QueueData> | undefined {
    return this.#topics.get(topic)
  }

  /** For static topics: the mappings by broker name. */
  mappingsOf(topic: string): ReadonlyMap<string, TopicQueueMappingInfo> | undefined {
    return this.#mappings.get(topic)
  }

  has(topic: string, brokerName: string): boolean {
    return this.#topics.get(topic)?.has(brokerName) === true
  }

  put(topic: string, queues: QueueData): void {
    const byBroker = this.#topics.get(topic)
    if (byBroker === undefined) this.#topics.set(topic, new Map([[queues.brokerName, queues]]))
    else byBroker.set(queues.brokerName, queues)
  }

  putMapping(topic: string, brokerName: string, mapping: TopicQueueMappingInfo): void {
    const byBroker = this.#mappings.get(topic)
    if (byBroker === undefined) this.#mappings.set(topic, new Map([[brokerName, mapping]]))
    else byBroker.set(brokerName, mapping)
  }

  /** Forgets a topic, or only its queues on some brokers. */
  delete(topic: string, brokerNames?: Iterable<string>): void {
    if (brokerNames === undefined) {
      this.#topics.delete(topic)
      this.#mappings.delete(topic)
      return
    }
    for (const brokerName of brokerNames) {
      remove(this.#topics, topic, brokerName)
      remove(this.#mappings, topic, brokerName)
    }
  }

  /** Forgets all queues of brokers. */
  deleteBrokers(brokerNames: ReadonlySet<string>): void {
    if (brokerNames.size === 0) return
    for (const topic of this.#topics.keys()) this.delete(topic, brokerNames)
  }

  /** Forgets the topics of a broker that are not in `kept`. */
  keepOnly(brokerName: string, kept: ReadonlyMap<string, TopicConfig>): void {
    for (const topic of this.#topics.keys()) if (!kept.has(topic)) this.delete(topic, [brokerName])
  }

  /** Takes the right to write from all topics of a broker; returns how many it has. */
  wipeWritePerm(brokerName: string): number {
    return this.#changePerm(brokerName, withoutWrite)
  }

  /** Sets the permission of all topics of a broker; returns how many it has. */
  setPerm(brokerName: string, perm: number): number {
    return this.#changePerm(brokerName, () => perm)
  }

  /** Names of topics that at least one of the brokers has. */
  topicsOn(brokerNames: ReadonlySet<string>): string[] {
    const found: string[] = []
    for (const [topic, byBroker] of this.#topics) {
      for (const brokerName of byBroker.keys()) {
        if (!brokerNames.has(brokerName)) continue
        found.push(topic)
        break
      }
    }
    return found
  }

  /** Names of topics by their unit flags, taken from one of their brokers as Java does. */
  unitTopics(filter: UnitFilter): string[] {
    const found: string[] = []
    for (const [topic, byBroker] of this.#topics) {
      const [first] = byBroker.values()
      if (first !== undefined && matchesUnit(first.topicSysFlag, filter)) found.push(topic)
    }
    return found
  }

  #changePerm(brokerName: string, change: (perm: number) => number): number {
    let count = 0
    for (const byBroker of this.#topics.values()) {
      const queues = byBroker.get(brokerName)
      if (queues === undefined) continue
      byBroker.set(brokerName, { ...queues, perm: change(queues.perm) })
      count += 1
    }
    return count
  }
}

/** The queues a topic's settings give it on a broker. */
export function queueDataOf(brokerName: string, config: TopicConfig): QueueData {
  const { readQueueNums, writeQueueNums, perm, topicSysFlag } = config
  return { brokerName, readQueueNums, writeQueueNums, perm, topicSysFlag }
}

function matchesUnit(topicSysFlag: number, filter: UnitFilter): boolean {
  const isUnit = (topicSysFlag & UNIT_FLAG) !== 0
  if (filter === 'unit') return isUnit
  const hasUnitSub = (topicSysFlag & UNIT_SUB_FLAG) !== 0
  return filter === 'hasUnitSub' ? hasUnitSub : hasUnitSub && !isUnit
}

function remove<T>(table: Map<string, Map<string, T>>, topic: string, brokerName: string): void {
  const byBroker = table.get(topic)
  byBroker?.delete(brokerName)
  if (byBroker?.size === 0) table.delete(topic)
}
