import { expect, vi } from 'vitest'
import type { Consumers, Queue } from './consumers.js'
import { DisposalStack } from './disposal-stack.js'
import { eventually, GroupProgress, queueIds } from './group-progress.js'
import { JavaConsumers } from './java-consumers.js'
import { JavaProducer } from './java-producer.js'
import { type JavaMessage, JavaReader } from './java-reader.js'
import { Mqadmin } from './mqadmin.js'
import type { Servers } from './servers.js'

/** A broker's configuration in which each delay level is a second: retries do not make a suite wait. */
export const shortDelays = { messageDelayLevel: '1s 1s 1s 1s 1s 1s' }

/** What tests of consumers work with: servers, Java's producer, consumers and reader, and mqadmin. */
export class ConsumerSession<Make extends Consumers = JavaConsumers> implements AsyncDisposable {
  readonly servers: Servers
  readonly mqadmin: Mqadmin
  readonly producer: JavaProducer
  readonly reader: JavaReader
  readonly consumers: Make
  /** Starts more of them. */
  readonly startConsumers: () => Promise<Make>
  readonly progress: GroupProgress['progress']
  readonly untilConsumed: GroupProgress['untilConsumed']
  readonly setOffset: GroupProgress['setOffset']
  readonly #stack: DisposalStack

  private constructor(
    parts: Pick<ConsumerSession<Make>, 'servers' | 'mqadmin' | 'producer' | 'reader' | 'consumers' | 'startConsumers'>,
    stack: DisposalStack,
  ) {
    this.servers = parts.servers
    this.mqadmin = parts.mqadmin
    this.producer = parts.producer
    this.reader = parts.reader
    this.consumers = parts.consumers
    this.startConsumers = parts.startConsumers
    this.#stack = stack
    const { progress, untilConsumed, setOffset } = stack.use(new GroupProgress(parts.servers.brokerAddr))
    this.progress = progress
    this.untilConsumed = untilConsumed
    this.setOffset = setOffset
  }

  /** Starts everything, with Java's consumers; the servers are closed with the rest. */
  static start(startServers: () => Promise<Servers>): Promise<ConsumerSession> {
    return ConsumerSession.startWith(startServers, (namesrvAddr) => JavaConsumers.start(namesrvAddr))
  }

  /** The same with consumers of another make. */
  static async startWith<Make extends Consumers>(
    startServers: () => Promise<Servers>,
    startMake: (namesrvAddr: string) => Promise<Make>,
  ): Promise<ConsumerSession<Make>> {
    const stack = new DisposalStack()
    const servers = stack.use(await startServers())
    const { namesrvAddr } = servers
    const startConsumers = (): Promise<Make> => startMake(namesrvAddr)
    const [mqadmin, producer, reader, consumers] = await Promise.all([
      Mqadmin.start(namesrvAddr),
      JavaProducer.start({ namesrvAddr, group: 'consumed-producer' }),
      JavaReader.start(namesrvAddr),
      startConsumers(),
    ])
    for (const peer of [mqadmin, producer, reader, consumers]) stack.use(peer)
    return new ConsumerSession({ servers, mqadmin, producer, reader, consumers, startConsumers }, stack)
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

  readonly queue = (topic: string, queueId: number): Queue => {
    return { topic, brokerName: this.servers.brokerName, queueId }
  }

  /** The dead letters of a group, once there are `count`. */
  readonly deadLetters = (group: string, count: number): Promise<JavaMessage[]> => {
    return vi.waitFor(() => this.reader.messages(`%DLQ%${group}`, { count }), eventually)
  };

  [Symbol.asyncDispose](): Promise<void> {
    return this.#stack[Symbol.asyncDispose]()
  }
}
