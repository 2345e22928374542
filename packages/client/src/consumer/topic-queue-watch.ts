import type { MessageQueue, Timer } from '@mq/remoting'
import type { ClientConfig } from '../instance/client-config.js'
import { QueueMap } from '../rebalance/queue-map.js'

/** Hears that a topic has other queues now. Java: TopicMessageQueueChangeListener. */
export type TopicMessageQueueChangeListener = (topic: string, queues: readonly MessageQueue[]) => void

/** What {@link TopicQueueWatch} is made with. */
export interface TopicQueueWatchOptions {
  readonly client: ClientConfig
  readonly periodMs: number
  /** The queues of a topic now, asked at a name server. */
  fetch(topic: string): Promise<readonly MessageQueue[]>
}

interface Watched {
  readonly listener: TopicMessageQueueChangeListener
  queues: readonly MessageQueue[] | undefined
}

const firstDelayMs = 10_000

/** Looks now and then whether topics have other queues than before. Java: fetchTopicMessageQueuesAndCompare. */
export class TopicQueueWatch {
  readonly #options: TopicQueueWatchOptions
  readonly #topics = new Map<string, Watched>()
  #timer: Timer | undefined
  #isLooking = false

  constructor(options: TopicQueueWatchOptions) {
    this.#options = options
  }

  start(): void {
    const { client, periodMs } = this.#options
    this.#timer = client.runtime.timers.every(periodMs, () => void this.#lookAtAll(), { firstDelayMs })
  }

  stop(): void {
    this.#timer?.cancel()
  }

  /** Tells the listener of every later change; a second listener of a topic takes the place of the first. */
  async watch(topic: string, listener: TopicMessageQueueChangeListener): Promise<void> {
    this.#topics.set(topic, { listener, queues: await this.#fetch(topic) })
  }

  async #lookAtAll(): Promise<void> {
    if (this.#isLooking) return
    this.#isLooking = true
    for (const [topic, watched] of this.#topics) await this.#look(topic, watched)
    this.#isLooking = false
  }

  async #look(topic: string, watched: Watched): Promise<void> {
    const queues = await this.#fetch(topic)
    if (queues === undefined || isSame(queues, watched.queues)) return
    const isFirst = watched.queues === undefined
    watched.queues = queues
    if (isFirst) return
    try {
      watched.listener(topic, queues)
    } catch (cause) {
      this.#options.client.logger.error('a topic message queue change listener threw', { topic, cause })
    }
  }

  async #fetch(topic: string): Promise<readonly MessageQueue[] | undefined> {
    try {
      return await this.#options.fetch(topic)
    } catch (cause) {
      this.#options.client.logger.warn('the queues of a watched topic could not be fetched', { topic, cause })
      return undefined
    }
  }
}

function isSame(queues: readonly MessageQueue[], before: readonly MessageQueue[] | undefined): boolean {
  const known = new QueueMap((before ?? []).map((queue) => [queue, true] as const))
  return before !== undefined && queues.length === before.length && queues.every((queue) => known.has(queue))
}
