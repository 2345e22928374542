import type { MessageExtBatch, MessageExtBrokerInner } from '@mq/remoting'
import {
  DefaultMessageStore,
  type GetMessageRequest,
  type GetMessageResult,
  type MessageStoreOptions,
  type PutMessageResult,
} from '@mq/store'

/** Who has a say in what the broker is told by its store. */
export interface StoreObserver {
  /** What the outcome of a put becomes. */
  afterPut(topic: string, result: PutMessageResult): PutMessageResult
  /** Somebody looked for messages, and found some or none. */
  afterGet(request: GetMessageRequest, result: GetMessageResult): void
}

/** The real store, observed. */
export class ObservedStore extends DefaultMessageStore {
  readonly #observer: StoreObserver

  private constructor(options: MessageStoreOptions, observer: StoreObserver) {
    super(options)
    this.#observer = observer
  }

  /** Loads, recovers and starts a store; it is closed again when that fails. */
  static async start(options: MessageStoreOptions, observer: StoreObserver): Promise<ObservedStore> {
    const store = new ObservedStore(options, observer)
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
    super.putMessage(message, (result) => onComplete(this.#observer.afterPut(topic, result)))
  }

  override putMessages(batch: MessageExtBatch, onComplete: (result: PutMessageResult) => void): void {
    const { topic } = batch
    super.putMessages(batch, (result) => onComplete(this.#observer.afterPut(topic, result)))
  }

  override async getMessage(request: GetMessageRequest): Promise<GetMessageResult> {
    const result = await super.getMessage(request)
    this.#observer.afterGet(request, result)
    return result
  }
}
