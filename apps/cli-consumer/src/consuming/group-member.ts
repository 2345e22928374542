import { once } from 'node:events'
import { type ConsumeContext, DefaultMQPushConsumer, type MessageExt } from '@mq/client'
import type { Logger } from '../report/client-log.js'
import { clientOptionsOf } from './client-options.js'
import { untilTopicExists } from './existing-topic.js'
import type { MessageSource, MessageSourceOptions } from './message-source.js'

/** Consumes a topic together with the other members of a group. What was shown is consumed, and no message besides. */
export class GroupMember implements MessageSource {
  readonly #options: MessageSourceOptions
  readonly #consumer: DefaultMQPushConsumer
  #isTopicFound = false

  constructor(options: MessageSourceOptions, group: string) {
    const { topic } = options.args
    this.#options = options
    this.#consumer = new DefaultMQPushConsumer({
      ...clientOptionsOf(options),
      logger: this.#loggerOnceFound(),
      consumerGroup: group,
      messageQueueListener: (changedTopic, { mqAll, mqDivided }) => {
        if (changedTopic !== topic) return
        const share = `${mqDivided.length} of ${mqAll.length} queues`
        options.say(`consuming topic ${topic} as a member of group ${group}: ${share}`)
      },
    })
  }

  async deliver(over: AbortSignal): Promise<void> {
    const { args, say } = this.#options
    const consumer = this.#consumer
    try {
      consumer.subscribe(args.topic, args.tags)
      consumer.listen((message, context) => this.#handle(message, context), { concurrency: 1 })
      await consumer.start()
      const found = await untilTopicExists({
        fetchQueues: () => consumer.fetchSubscribeMessageQueues(args.topic),
        onMissing: () => say(`topic ${args.topic} does not exist yet: waiting for its first message`),
        over,
      })
      this.#isTopicFound = true
      // Subscribing once more makes the consumer look for its queues at once.
      if (found?.isNew === true) consumer.subscribe(args.topic, args.tags)
      if (!over.aborted) await once(over, 'abort')
    } finally {
      // What was taken is consumed already: whoever still waits in #handle wants none.
      await consumer.close({ timeoutMs: 0 })
    }
  }

  /** Before the topic is found, the client warns of what the user is told already. */
  #loggerOnceFound(): Logger {
    const { logger } = this.#options
    return { ...logger, warn: (message, fields) => this.#isTopicFound && logger.warn(message, fields) }
  }

  async #handle(message: MessageExt, { signal }: ConsumeContext): Promise<void> {
    if (await this.#options.take(message)) return
    // Neither consumed nor failed: the close leaves it to the next consumer.
    if (!signal.aborted) await once(signal, 'abort')
    throw signal.reason
  }
}
