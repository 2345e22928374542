import {
  GetMaxOffset,
  MqError,
  QueryConsumerOffset,
  RemotingClient,
  ResponseCode,
  UpdateConsumerOffset,
} from '@mq/remoting'
import { vi } from 'vitest'

const timeoutMs = 5_000

/** For what clients and servers do on their own. */
export const eventually = { timeout: 20_000, interval: 50 }

/** Four queues a topic, unless a test says otherwise. */
export const queueIds: readonly number[] = [0, 1, 2, 3]

/** How far groups are, as a broker knows it. */
export class GroupProgress implements AsyncDisposable {
  readonly #brokerAddr: string
  readonly #remoting = new RemotingClient()

  constructor(brokerAddr: string) {
    this.#brokerAddr = brokerAddr
    this.#remoting.start()
  }

  /** Of each of a topic's four queues, the offset up to which a group has consumed, -1 if the broker knows none, and the largest. */
  readonly progress = (group: string, topic: string): Promise<Array<[consumed: number, largest: number]>> => {
    return Promise.all(
      queueIds.map(async (queueId): Promise<[number, number]> => {
        const { offset } = await this.#remoting.invoke(
          this.#brokerAddr,
          GetMaxOffset,
          { topic, queueId },
          { timeoutMs },
        )
        return [await this.#consumed({ group, topic, queueId }), offset]
      }),
    )
  }

  /** Waits until the group has consumed every message of the topic, and the broker knows. */
  readonly untilConsumed = async (group: string, topic: string): Promise<void> => {
    await vi.waitFor(async () => {
      const progress = await this.progress(group, topic)
      const isBehind = progress.some(([consumed, largest]) => largest > 0 && consumed !== largest)
      if (isBehind || progress.every(([, largest]) => largest === 0)) {
        throw new Error(`${group} has consumed of ${topic}: ${JSON.stringify(progress)}`)
      }
    }, eventually)
  }

  /** Sets the offset of a group that the broker knows. */
  readonly setOffset = async (
    group: string,
    queue: { topic: string; queueId: number },
    offset: number,
  ): Promise<void> => {
    const { topic, queueId } = queue
    const request = { consumerGroup: group, topic, queueId, commitOffset: offset }
    await this.#remoting.invoke(this.#brokerAddr, UpdateConsumerOffset, request, { timeoutMs })
  }

  async #consumed({ group, topic, queueId }: { group: string; topic: string; queueId: number }): Promise<number> {
    const request = { consumerGroup: group, topic, queueId, setZeroIfNotFound: false }
    try {
      return (await this.#remoting.invoke(this.#brokerAddr, QueryConsumerOffset, request, { timeoutMs })).offset
    } catch (error) {
      if (MqError.is(error) && error.responseCode === ResponseCode.QUERY_NOT_FOUND) return -1
      throw error
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#remoting[Symbol.asyncDispose]()
  }
}
