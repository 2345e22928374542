import type { MessageStore } from '@mq/store'
import { TestBrokerError } from '../errors.js'
import type { TestWorld } from '../time/test-world.js'
import type { Topics } from '../topics.js'
import { waitFor, type WaitOptions } from '../waiting.js'
import type { StoredMessage } from './stored-message.js'
import { type MessageSelection, readTopic } from './topic-reader.js'

/** Messages and topics that an error names at most. */
const MOST_NAMED = 10

/** What a MessageInspector works with. */
export interface MessageInspectorOptions {
  /** The store as it runs now; throws while there is none. */
  readonly store: () => MessageStore
  readonly topics: Topics
  readonly world: TestWorld
}

/** Reads what was sent, and waits for it. */
export class MessageInspector {
  readonly #options: MessageInspectorOptions

  constructor(options: MessageInspectorOptions) {
    this.#options = options
  }

  /** Messages of a topic; none when it does not exist. */
  async read(topic: string, selection: MessageSelection): Promise<StoredMessage[]> {
    const store = this.#options.store()
    const config = await this.#options.topics.find(topic)
    if (config === undefined) return []
    const queues = Math.max(config.readQueueNums, config.writeQueueNums)
    return readTopic(store, topic, { ...selection, queues })
  }

  /** Messages of a topic once there are enough. @throws TestBrokerError TEST_BROKER_WAIT that tells what is there instead. */
  async waitFor(topic: string, count: number, options: MessageSelection & WaitOptions): Promise<StoredMessage[]> {
    if (!Number.isInteger(count) || count < 0) {
      throw new TestBrokerError('TEST_BROKER_ARGUMENT', `count is ${count}: give a whole number of messages`)
    }
    const { timeoutMs, ...selection } = options
    const look = async (): Promise<StoredMessage[] | undefined> => {
      const messages = await this.read(topic, selection)
      return messages.length >= count ? messages : undefined
    }
    const describe = (waitedMs: number): Promise<string> => this.#describeLack({ topic, count, selection, waitedMs })
    const { real } = this.#options.world
    return waitFor(real.timers, { look, describe }, timeoutMs === undefined ? {} : { timeoutMs })
  }

  async #describeLack(wanted: {
    readonly topic: string
    readonly count: number
    readonly selection: MessageSelection
    readonly waitedMs: number
  }): Promise<string> {
    const { topic, count, selection, waitedMs } = wanted
    const found = await this.read(topic, selection)
    const which = Object.entries(selection).map(([name, value]) => `${name} ${value}`)
    const of = [`topic ${topic}`, ...which].join(', ')
    const lines = [
      `${count} messages of ${of} did not come within ${waitedMs} ms; there are ${found.length}`,
      ...shortened(found.map((message) => message.describe())),
    ]
    if (which.length > 0) lines.push(`without the selection there are ${(await this.read(topic, {})).length}`)
    const others = await this.#otherTopics(topic)
    const elsewhere = others.length === 0 ? ['no other topic has messages'] : ['other topics with messages:', ...others]
    return [...lines, ...elsewhere].join('\n  ')
  }

  async #otherTopics(topic: string): Promise<string[]> {
    const store = this.#options.store()
    const others = (await this.#options.topics.all()).filter(({ topicName }) => topicName !== topic)
    const counted = others.map(({ topicName, writeQueueNums }) => {
      let count = 0
      for (let queueId = 0; queueId < writeQueueNums; queueId++) count += store.getMaxOffsetInQueue(topicName, queueId)
      return { topicName, count }
    })
    return shortened(counted.filter(({ count }) => count > 0).map(({ topicName, count }) => `${topicName}: ${count}`))
  }
}

function shortened(lines: readonly string[]): string[] {
  const left = lines.length - MOST_NAMED
  return left > 0 ? [...lines.slice(0, MOST_NAMED), `and ${left} more`] : [...lines]
}
