import { DefaultMQProducer, type Message, type ProducerOptions } from '@mq/client'
import type { MessageLedger } from './message-ledger.js'

/** The topic everything is sent to. */
export const topic = 'Crash'

/** What is sent, and until when. */
export interface LoadOptions {
  readonly namesrvAddr: string
  readonly ledger: MessageLedger
  /** Sends in flight at one time. Default 32. */
  readonly concurrency?: number
  /** Called after each acknowledgement with the number of them in this load; the load ends once it returns `stop`. */
  readonly onAcknowledged: (count: number) => 'stop' | undefined
  /** Called for each send that fails while the load goes on; it ends once this returns `stop`. */
  readonly onFailed?: () => 'stop' | undefined
  /** Ends the load from elsewhere. */
  readonly signal?: AbortSignal
  /** What a message of this number has besides topic and body. */
  readonly messageOf?: (number: number) => Partial<Message>
  readonly producer?: Partial<ProducerOptions>
}

/** How a load ended. */
export interface LoadOutcome {
  /** What sends that were begun before the load was ended failed of. */
  readonly failures: readonly unknown[]
  /** The same for sends that were in flight when it was. */
  readonly unknown: readonly unknown[]
}

/** Sends, one attempt a message unless told otherwise, until it is told to stop and everything in flight has ended. */
export async function sendUnderLoad(options: LoadOptions): Promise<LoadOutcome> {
  const { namesrvAddr, ledger, concurrency = 32, onAcknowledged, signal } = options
  const producer = new DefaultMQProducer({
    producerGroup: 'crash',
    namesrvAddr,
    sendMsgTimeout: 15_000,
    retryTimesWhenSendFailed: 0,
    compressMsgBodyOverHowmuch: 1_000_000_000,
    ...options.producer,
  })
  await producer.start()
  let count = 0
  let isOver = false
  const hasEnded = (): boolean => isOver || signal?.aborted === true
  const failures: unknown[] = []
  const unknown: unknown[] = []
  const sendOn = async (): Promise<void> => {
    while (!hasEnded()) {
      const { number, body } = ledger.next()
      try {
        ledger.acknowledge(number, await producer.send({ topic, body, ...options.messageOf?.(number) }))
      } catch (cause) {
        ;(hasEnded() ? unknown : failures).push(cause)
        if (!hasEnded() && options.onFailed?.() === 'stop') isOver = true
        continue
      }
      count += 1
      if (!hasEnded() && onAcknowledged(count) === 'stop') isOver = true
    }
  }
  await Promise.all(Array.from({ length: concurrency }, sendOn))
  await producer.close()
  return { failures, unknown }
}

/** Makes the topic before anything is sent, so that consumers know its queues from the start. */
export async function makeTopic(namesrvAddr: string, queueNum = 4): Promise<void> {
  const producer = new DefaultMQProducer({ producerGroup: 'crash', namesrvAddr })
  await producer.start()
  await producer.createTopic({ key: 'TBW102', newTopic: topic, queueNum })
  await producer.close()
}
