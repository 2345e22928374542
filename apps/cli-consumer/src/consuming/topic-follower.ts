import { DefaultLitePullConsumer, type MessageExt } from '@mq/client'
import type { StartPosition } from '../start-position.js'
import { clientOptionsOf } from './client-options.js'
import { type FoundTopic, untilTopicExists } from './existing-topic.js'
import { FollowedOffsets } from './followed-offsets.js'
import type { MessageSource, MessageSourceOptions } from './message-source.js'

/** A group that every broker knows, meant for tools: using it leaves no group behind. */
const TOOLS_GROUP = 'TOOLS_CONSUMER'
/** Milliseconds between two looks for queues that the topic got meanwhile. */
const QUEUES_INTERVAL_MS = 5000
const POLL_TIMEOUT_MS = 5000
const MESSAGES_PER_PULL = 32

/** Reads every queue of a topic beside whatever groups consume it: shares nothing with them and keeps no offsets. */
export class TopicFollower implements MessageSource {
  readonly #options: MessageSourceOptions
  readonly #offsets = new FollowedOffsets()
  readonly #consumer: DefaultLitePullConsumer

  constructor(options: MessageSourceOptions) {
    const { topic, tags } = options.args
    this.#options = options
    this.#consumer = new DefaultLitePullConsumer({
      ...clientOptionsOf(options),
      consumerGroup: TOOLS_GROUP,
      offsetStore: this.#offsets,
      autoCommit: false,
      pullBatchSize: MESSAGES_PER_PULL,
      topicMetadataCheckIntervalMillis: QUEUES_INTERVAL_MS,
    })
    this.#consumer.setSubExpressionForAssign(topic, tags)
  }

  async deliver(over: AbortSignal): Promise<void> {
    const { topic } = this.#options.args
    await using consumer = this.#consumer
    await consumer.start()
    const found = await untilTopicExists({
      fetchQueues: () => consumer.fetchMessageQueues(topic),
      onMissing: () => this.#options.say(`topic ${topic} does not exist yet: waiting for its first message`),
      over,
    })
    if (found === undefined) return
    await this.#follow(found)
    await this.#pollUntil(over)
  }

  async #follow({ queues, isNew }: FoundTopic): Promise<void> {
    const { args, say } = this.#options
    const consumer = this.#consumer
    if (!isNew) this.#offsets.beginWith(queues)
    consumer.assign(queues)
    // Sought here, so that whatever is sent after the next sentence is shown.
    if (!isNew && (args.from ?? 'last') === 'last') await Promise.all(queues.map((queue) => consumer.seekToEnd(queue)))
    await consumer.registerTopicMessageQueueChangeListener(args.topic, (_topic, now) => {
      if (now.length > 0) consumer.assign(now)
    })
    const brokers = [...new Set(queues.map(({ brokerName }) => brokerName))].join(', ')
    const number = `${queues.length} ${queues.length === 1 ? 'queue' : 'queues'}`
    say(`following topic ${args.topic} ${wording(args.from)}: ${number} on ${brokers}`)
  }

  async #pollUntil(over: AbortSignal): Promise<void> {
    while (!over.aborted) {
      for (const message of await this.#poll(over)) {
        if (!(await this.#options.take(message))) return
      }
    }
  }

  async #poll(over: AbortSignal): Promise<readonly MessageExt[]> {
    try {
      return await this.#consumer.poll({ timeoutMs: POLL_TIMEOUT_MS, signal: over })
    } catch (error) {
      if (over.aborted) return []
      throw error
    }
  }
}

function wording(from: StartPosition = 'last'): string {
  if (from === 'first') return 'from its first message on'
  return from === 'last' ? 'from now on' : `from ${new Date(from.timestamp).toISOString()} on`
}
