import { GetKVConfig, MqError, RemotingClient, ResponseCode } from '@mq/remoting'
import { expect } from 'vitest'
import { DisposalStack } from './disposal-stack.js'
import { JavaProducer } from './java-producer.js'
import { Mqadmin, type MqadminOutput } from './mqadmin.js'
import type { Servers } from './servers.js'

/** What the tests of mqadmin work with: servers, mqadmin, and a Java producer. */
export class MqadminSession implements AsyncDisposable {
  readonly servers: Servers
  readonly mqadmin: Mqadmin
  readonly producer: JavaProducer
  readonly #stack: DisposalStack
  readonly #remoting: RemotingClient

  private constructor(parts: { servers: Servers; mqadmin: Mqadmin; producer: JavaProducer; stack: DisposalStack }) {
    this.servers = parts.servers
    this.mqadmin = parts.mqadmin
    this.producer = parts.producer
    this.#stack = parts.stack
    this.#remoting = parts.stack.use(new RemotingClient())
    this.#remoting.start()
  }

  /** Starts everything; the servers are closed with the rest. */
  static async start(startServers: () => Promise<Servers>): Promise<MqadminSession> {
    const stack = new DisposalStack()
    const servers = stack.use(await startServers())
    const { namesrvAddr } = servers
    const mqadmin = stack.use(await Mqadmin.start(namesrvAddr))
    const producer = stack.use(await JavaProducer.start({ namesrvAddr, group: 'contract-producer' }))
    return new MqadminSession({ servers, mqadmin, producer, stack })
  }

  /** Runs a command that has to succeed. */
  readonly output = async (command: string, ...args: readonly string[]): Promise<MqadminOutput> => {
    const output = await this.mqadmin.run(command, ...args)
    expect(output.error, `mqadmin ${command} ${args.join(' ')}`).toBe('')
    return output
  }

  /** What such a command prints. */
  readonly lines = async (command: string, ...args: readonly string[]): Promise<readonly string[]> => {
    return (await this.output(command, ...args)).lines
  }

  /** Makes a topic on the broker. */
  readonly createTopic = async (topic: string, queues = 4): Promise<void> => {
    const queueCounts = ['-r', String(queues), '-w', String(queues)]
    await this.lines('updateTopic', '-b', this.servers.brokerAddr, '-t', topic, ...queueCounts)
  }

  /** A value of the name server's key-value configuration, which mqadmin sets but does not show; undefined when it is not there. */
  readonly kvConfig = async (namespace: string, key: string): Promise<string | undefined> => {
    try {
      const { namesrvAddr } = this.servers
      const { value } = await this.#remoting.invoke(namesrvAddr, GetKVConfig, { namespace, key }, { timeoutMs: 3000 })
      return value
    } catch (error) {
      if (MqError.is(error) && error.responseCode === ResponseCode.QUERY_NOT_FOUND) return undefined
      throw error
    }
  };

  [Symbol.asyncDispose](): Promise<void> {
    return this.#stack[Symbol.asyncDispose]()
  }
}
