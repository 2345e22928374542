import { GetMaxOffset, MqError, QueryConsumerOffset, RemotingClient, ResponseCode } from '@mq/remoting'
import { expect, vi } from 'vitest'
import { DisposalStack } from './disposal-stack.js'
import { JavaConsumers, type JavaQueue } from './java-consumers.js'
import { JavaProducer } from './java-producer.js'
import { type JavaMessage, JavaReader } from './java-reader.js'
import { Mqadmin } from './mqadmin.js'
import type { Servers } from './servers.js'

const timeoutMs = 5_000

/** For what clients and servers do on their own. */
export const eventually = { timeout: 20_000, interval: 50 }

/** Four queues a topic, unless a test says otherwise. */
export const queueIds: readonly number[] = [0, 1, 2, 3]

/** A broker's configuration in which each delay level is a second: retries do not make a suite wait. */
export const shortDelays = { messageDelayLevel: '1s 1s 1s 1s 1s 1s' }

/** What tests of consumers work with: servers, Java's producer, consumers and reader, and mqadmin. */
export class ConsumerSession implements AsyncDisposable {
  readonly servers: Servers
  readonly mqadmin: Mqadmin
  readonly producer: JavaProducer
  readonly reader: JavaReader
  readonly consumers: JavaConsumers
  readonly #stack: DisposalStack
  readonly #remoting: RemotingClient

  private constructor(
    parts: Pick<ConsumerSession, 'servers' | 'mqadmin' | 'producer' | 'reader' | 'consumers'>,
    stack: DisposalStack,
  ) {
    this.servers = parts.servers
    this.mqadmin = parts.mqadmin
    this.producer = parts.producer
    this.reader = parts.reader
    this.consumers = parts.consumers
    this.#stack = stack
    this.#remoting = stack.use(new RemotingClient())
    this.#remoting.start()
  }

  /** Starts everything; the servers are closed with the rest. */
  static async start(startServers: () => Promise<Servers>): Promise<ConsumerSession> {
    const stack = new DisposalStack()
    const servers = stack.use(await startServers())
    const { namesrvAddr } = servers
    const [mqadmin, producer, reader, consumers] = await Promise.all([
      Mqadmin.start(namesrvAddr),
      JavaProducer.start({ namesrvAddr, group: 'consumed-producer' }),
      JavaReader.start(namesrvAddr),
      JavaConsumers.start(namesrvAddr),
    ])
    for (const peer of [mqadmin, producer, reader, consumers]) stack.use(peer)
    return new ConsumerSession({ servers, mqadmin, producer, reader, consumers }, stack)
  }

  /** What an mqadmin command prints that has to succeed. */
  readonly lines = async (command: string, ...args: readonly string[]): Promise<readonly string[]> => {
    const { lines, error } = await this.mqadmin.run(command, ...args)
    expect(error, `mqadmin ${command} ${args.join(' ')}`).toBe('')
    return lines
  }

  /** Makes a topic on the broker. */
  readonly createTopic = async (topic: string, queues = queueIds.length): Promise<void> => {
    const queueCounts = ['-r', String(queues), '-w', String(queues)]
    await this.lines('updateTopic', '-b', this.servers.brokerAddr, '-t', topic, ...queueCounts)
  }

  readonly queue = (topic: string, queueId: number): JavaQueue => {
    return { topic, brokerName: this.servers.brokerName, queueId }
  }

  /** Of each of a topic's four queues, the offset up to which a group has consumed, -1 if the broker knows none, and the largest. */
  readonly progress = (group: string, topic: string): Promise<Array<[consumed: number, largest: number]>> => {
    return Promise.all(
      queueIds.map(async (queueId) => {
        const { offset } = await this.#remoting.invoke(
          this.servers.brokerAddr,
          GetMaxOffset,
          { topic, queueId },
          { timeoutMs },
        )
        return [await this.#consumed({ group, topic, queueId }), offset] as [number, number]
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

  /** The dead letters of a group, once there are `count`. */
  readonly deadLetters = (group: string, count: number): Promise<JavaMessage[]> => {
    return vi.waitFor(() => this.reader.messages(`%DLQ%${group}`, { count }), eventually)
  }

  async #consumed({ group, topic, queueId }: { group: string; topic: string; queueId: number }): Promise<number> {
    const request = { consumerGroup: group, topic, queueId, setZeroIfNotFound: false }
    try {
      return (await this.#remoting.invoke(this.servers.brokerAddr, QueryConsumerOffset, request, { timeoutMs })).offset
    } catch (error) {
      if (MqError.is(error) && error.responseCode === ResponseCode.QUERY_NOT_FOUND) return -1
      throw error
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#stack[Symbol.asyncDispose]()
  }
}
