import {
  createRequest,
  type MessageQueue,
  MqError,
  QueryConsumerOffset,
  ResponseCode,
  UpdateConsumerOffset,
} from '@mq/remoting'
import { MQClientError } from '../errors.js'
import type { MQClientInstance } from '../instance/mq-client-instance.js'
import { brokerVIPChannel } from '../instance/vip-channel.js'
import { QueueMap } from '../rebalance/queue-map.js'
import type { OffsetRead, OffsetStore, ReadOffsetType } from './offset-store.js'
import { OffsetTable } from './offset-table.js'

/** What {@link RemoteBrokerOffsetStore} is made with. */
export interface RemoteBrokerOffsetStoreOptions {
  readonly instance: MQClientInstance
  /** With its namespace. */
  readonly consumerGroup: string
}

const masterId = 0
/** Milliseconds a question or an update may take. */
const timeoutMs = 5000
/** Times an offset is saved that the broker does not have when it is read back. */
const handOverAttempts = 3

interface OffsetHeader {
  readonly consumerGroup: string
  readonly topic: string
  readonly queueId: number
  readonly bname: string
}

/** Offsets of a clustering group, kept by the broker of each queue. Java: RemoteBrokerOffsetStore. */
export class RemoteBrokerOffsetStore implements OffsetStore {
  readonly #options: RemoteBrokerOffsetStoreOptions
  readonly #table = new OffsetTable()

  constructor(options: RemoteBrokerOffsetStoreOptions) {
    this.#options = options
  }

  async load(): Promise<void> {}

  updateOffset(queue: MessageQueue, offset: number, options?: { readonly increaseOnly?: boolean }): void {
    this.#table.update(queue, offset, options)
  }

  updateAndFreezeOffset(queue: MessageQueue, offset: number): void {
    this.#table.freeze(queue, offset)
  }

  async readOffset(queue: MessageQueue, type: ReadOffsetType): Promise<OffsetRead> {
    const known = type === 'READ_FROM_STORE' ? undefined : this.#table.get(queue)
    if (known !== undefined) return known
    if (type === 'READ_FROM_MEMORY') return 'NOT_FOUND'
    try {
      const offset = await this.#fetchConsumeOffsetFromBroker(queue)
      if (offset !== 'NOT_FOUND') this.#table.update(queue, offset)
      return offset
    } catch (cause) {
      this.#warn('the offset of a queue could not be read from its broker', { ...queue, cause })
      return 'UNAVAILABLE'
    }
  }

  knownOffset(queue: MessageQueue): number | undefined {
    return this.#table.get(queue)
  }

  async persistAll(queues: Iterable<MessageQueue>): Promise<void> {
    const wanted = new QueueMap([...queues].map((queue) => [queue, true] as const))
    if (wanted.size === 0) return
    this.#table.retain(wanted)
    await Promise.all([...this.#table.toMap().keys()].map((queue) => this.persist(queue)))
  }

  async persist(queue: MessageQueue): Promise<void> {
    const offset = this.#table.get(queue)
    if (offset === undefined) return
    try {
      const { address, header } = await this.#updateOf(queue, offset)
      await this.#options.instance.remoting.invokeOneway(address, createRequest(UpdateConsumerOffset, header), {
        timeoutMs,
      })
    } catch (cause) {
      this.#warn('the offset of a queue could not be saved at its broker', { ...queue, offset, cause })
    }
  }

  async handOver(queues: Iterable<MessageQueue>): Promise<void> {
    await Promise.all([...queues].map((queue) => this.#handOverOne(queue)))
  }

  removeOffset(queue: MessageQueue): void {
    this.#table.remove(queue)
  }

  cloneOffsetTable(topic: string): ReadonlyMap<MessageQueue, number> {
    return this.#table.toMap(topic)
  }

  /** Saves an offset and waits until the broker has it; rejects when it has not. What is in memory stays as it is. */
  async updateConsumeOffsetToBroker(queue: MessageQueue, offset: number, signal?: AbortSignal): Promise<void> {
    const { address, header } = await this.#updateOf(queue, offset)
    await this.#options.instance.remoting.invoke(address, UpdateConsumerOffset, header, { timeoutMs, signal })
  }

  /** A pull sent earlier carries an older offset, and a broker may carry that out last: so the offset is read back. */
  async #handOverOne(queue: MessageQueue): Promise<void> {
    const offset = this.#table.get(queue)
    if (offset === undefined) return
    try {
      for (let attempt = 0; attempt < handOverAttempts; attempt++) {
        await this.updateConsumeOffsetToBroker(queue, offset)
        if ((await this.#fetchConsumeOffsetFromBroker(queue)) === offset) return
      }
    } catch (cause) {
      this.#warn('the offset of a queue could not be saved at its broker', { ...queue, offset, cause })
    }
  }

  async #updateOf(
    queue: MessageQueue,
    commitOffset: number,
  ): Promise<{ address: string; header: OffsetHeader & { commitOffset: number } }> {
    const address = this.#replicaOf(queue) ?? (await this.#replicaAfterRefresh(queue))
    return { address, header: { ...this.#headerOf(queue), commitOffset } }
  }

  async #fetchConsumeOffsetFromBroker(queue: MessageQueue): Promise<number | 'NOT_FOUND'> {
    const { remoting, routes } = this.#options.instance
    const master = routes.brokers.masterOf(routes.brokerNameOf(queue))
    const address = master === undefined ? await this.#replicaAfterRefresh(queue) : this.#wire(master)
    try {
      return (await remoting.invoke(address, QueryConsumerOffset, this.#headerOf(queue), { timeoutMs })).offset
    } catch (cause) {
      if (MqError.is(cause) && cause.responseCode === ResponseCode.QUERY_NOT_FOUND) return 'NOT_FOUND'
      throw cause
    }
  }

  /** The master, or any replica without one. */
  #replicaOf(queue: MessageQueue): string | undefined {
    const { routes } = this.#options.instance
    const broker = routes.brokers.findInSubscribe(routes.brokerNameOf(queue), masterId)
    return broker && this.#wire(broker.address)
  }

  async #replicaAfterRefresh(queue: MessageQueue): Promise<string> {
    await this.#options.instance.routes.refresh(queue.topic)
    const address = this.#replicaOf(queue)
    if (address !== undefined) return address
    const { brokerName, topic } = queue
    throw new MQClientError(`the broker ${brokerName} is in no route, so nobody keeps offsets of its queues`, {
      code: 'BROKER_NOT_FOUND',
      fields: { brokerName, topic },
    })
  }

  #headerOf({ topic, queueId, brokerName }: MessageQueue): OffsetHeader {
    return { consumerGroup: this.#options.consumerGroup, topic, queueId, bname: brokerName }
  }

  #wire(address: string): string {
    return this.#options.instance.config.vipChannelEnabled ? brokerVIPChannel(address) : address
  }

  #warn(message: string, fields: Record<string, unknown>): void {
    const { consumerGroup, instance } = this.#options
    instance.config.logger.warn(message, { consumerGroup, ...fields })
  }
}
