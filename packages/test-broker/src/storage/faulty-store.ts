import type { MessageExtBatch, MessageExtBrokerInner } from '@mq/remoting'
import { DefaultMessageStore, type MessageStoreOptions, type PutMessageResult } from '@mq/store'

/** What the outcome of a put becomes before the broker sees it. */
export type PutOutcome = (topic: string, result: PutMessageResult) => PutMessageResult

/** The real store, with a say in what the broker is told of a put. */
export class FaultyStore extends DefaultMessageStore {
  readonly #outcome: PutOutcome

  private constructor(options: MessageStoreOptions, outcome: PutOutcome) {
    super(options)
    this.#outcome = outcome
  }

  /** Loads, recovers and starts a store; it is closed again when that fails. */
  static async start(options: MessageStoreOptions, outcome: PutOutcome): Promise<FaultyStore> {
    const store = new FaultyStore(options, outcome)
    try {
      await store.load()
      await store.start()
    } catch (error) {
      await store.close()
      throw error
    }
    return store
  }

  override putMessage(message: MessageExtBrokerInner, onComplete: (result: PutMessageResult) => void): void {
    const { topic } = message
    super.putMessage(message, (result) => onComplete(this.#outcome(topic, result)))
  }

  override putMessages(batch: MessageExtBatch, onComplete: (result: PutMessageResult) => void): void {
    const { topic } = batch
    super.putMessages(batch, (result) => onComplete(this.#outcome(topic, result)))
  }
}
