import type { MessageStore } from '@mq/store'
import { TestBrokerError } from '../errors.js'
import type { TestWorld } from '../time/test-world.js'
import type { Topics } from '../topics.js'
import { waitFor, type WaitOptions } from '../waiting.js'
import type { GroupOffsets } from './group-offsets.js'
import type { PullRecord } from './pull-record.js'

/** Where a group is in one queue. */
export interface QueueProgress {
  readonly queueId: number
  /** The next message it consumes; undefined while it has told none. */
  readonly consumerOffset: number | undefined
  /** One past the newest message. */
  readonly brokerOffset: number
  /** Messages in front of it. */
  readonly lag: number
}

/** Where a group is in a topic. Java: what `mqadmin consumerProgress` shows. */
export interface ConsumerProgress {
  /** Messages it has behind it. */
  readonly consumed: number
  /** Messages in front of it; all there are while it has told no offset. */
  readonly lag: number
  /** One entry a queue, in order. */
  readonly queues: readonly QueueProgress[]
}

/** What a ProgressInspector works with. */
export interface ProgressInspectorOptions {
  /** The store as it runs now; throws while there is none. */
  readonly store: () => MessageStore
  readonly topics: Topics
  readonly offsets: GroupOffsets
  readonly world: TestWorld
  readonly pulls: PullRecord
}

/** Finds out how far groups are, and waits for them. */
export class ProgressInspector {
  readonly #options: ProgressInspectorOptions

  constructor(options: ProgressInspectorOptions) {
    this.#options = options
  }

  /** Where a group is in a topic, by what it has committed and its members say; without queues when there is no such topic. */
  async of(group: string, topic: string): Promise<ConsumerProgress> {
    const store = this.#options.store()
    const config = await this.#options.topics.find(topic)
    const offsets = await this.#options.offsets.of(group, topic)
    const queues: QueueProgress[] = []
    for (let queueId = 0; queueId < (config?.readQueueNums ?? 0); queueId++) {
      const consumerOffset = offsets.get(queueId)
      const brokerOffset = store.getMaxOffsetInQueue(topic, queueId)
      const from = consumerOffset ?? store.getMinOffsetInQueue(topic, queueId)
      queues.push({ queueId, consumerOffset, brokerOffset, lag: Math.max(0, brokerOffset - from) })
    }
    const total = (count: (queue: QueueProgress) => number): number =>
      queues.reduce((sum, queue) => sum + count(queue), 0)
    return { consumed: total(({ consumerOffset = 0 }) => consumerOffset), lag: total(({ lag }) => lag), queues }
  }

  /** Settles when nothing of a topic is in front of a group. @throws TestBrokerError TEST_BROKER_WAIT that tells where it is. */
  async waitUntilConsumed(group: string, topic: string, options: WaitOptions): Promise<ConsumerProgress> {
    if ((await this.#options.topics.find(topic)) === undefined) {
      const message = `there is no topic ${topic} that ${group} could have consumed: send to it or create it first`
      throw new TestBrokerError('TEST_BROKER_ARGUMENT', message)
    }
    const look = async (): Promise<ConsumerProgress | undefined> => {
      const progress = await this.of(group, topic)
      return progress.lag === 0 ? progress : undefined
    }
    const describe = async (waitedMs: number): Promise<string> => {
      const { consumed, lag, queues } = await this.of(group, topic)
      const state = `${consumed} messages are behind it, ${lag} in front of it`
      const lines = queues.map(describeQueue)
      return [`group ${group} has not consumed topic ${topic} within ${waitedMs} ms; ${state}`, ...lines].join('\n  ')
    }
    return waitFor(this.#options.world.real.timers, { look, describe }, options)
  }

  /** Settles when a group pulls from every queue of a topic. @throws TestBrokerError TEST_BROKER_WAIT naming those it does not. */
  async waitForConsumers(group: string, topic: string, options: WaitOptions): Promise<void> {
    const { topics, pulls, world } = this.#options
    const missing = async (): Promise<number[] | undefined> => {
      const config = await topics.find(topic)
      const queueIds = [...Array(config?.readQueueNums ?? 0).keys()]
      return config && queueIds.filter((queueId) => !pulls.has({ group, topic, queueId }))
    }
    const look = async (): Promise<true | undefined> => ((await missing())?.length === 0 ? true : undefined)
    const describe = async (waitedMs: number): Promise<string> => {
      const queueIds = await missing()
      const where = queueIds === undefined ? 'there is no such topic' : `nobody pulls from queue ${queueIds.join(', ')}`
      return `group ${group} has not begun to consume topic ${topic} within ${waitedMs} ms: ${where}`
    }
    await waitFor(world.real.timers, { look, describe }, options)
  }
}

function describeQueue({ queueId, consumerOffset, brokerOffset }: QueueProgress): string {
  const at = consumerOffset === undefined ? 'has told no offset' : `is at ${consumerOffset}`
  return `queue ${queueId}: the group ${at} of ${brokerOffset}`
}
