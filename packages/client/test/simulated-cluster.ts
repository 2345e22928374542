import type { Logger, RemotingCommand, Runtime } from '@mq/remoting'
import { SimulatedRuntime } from '@mq/remoting/testing'
import { DefaultMQProducer, type ProducerOptions } from '../src/index.js'
import { ScriptedBroker } from './scripted-broker.js'
import { routeOver, ScriptedNameServer } from './scripted-name-server.js'

/** A name server, brokers and a client host in virtual time; the topic `Orders` has four queues on every broker. */
export class SimulatedCluster {
  readonly runtime: SimulatedRuntime
  readonly nameServer: ScriptedNameServer
  readonly brokers: readonly ScriptedBroker[]
  /** Messages of warnings and errors the clients logged. */
  readonly warnings: string[] = []
  readonly #client: Runtime
  readonly #log: [string, Readonly<Record<string, unknown>>][] = []

  private constructor(runtime: SimulatedRuntime, brokerCount: number) {
    this.runtime = runtime
    this.#client = runtime.host('10.0.8.1')
    this.nameServer = new ScriptedNameServer({ runtime: runtime.host('10.0.0.1'), host: '10.0.0.1', port: 9876 })
    this.brokers = Array.from({ length: brokerCount }, (_, index) => {
      const host = `10.0.1.${index + 1}`
      const brokerName = `broker-${String.fromCharCode(97 + index)}`
      return new ScriptedBroker({ brokerName, runtime: runtime.host(host), host, port: 10_911 })
    })
  }

  static async start(options: { brokers?: number; seed?: number } = {}): Promise<SimulatedCluster> {
    const runtime = new SimulatedRuntime({ seed: options.seed ?? 1 })
    const cluster = new SimulatedCluster(runtime, options.brokers ?? 1)
    await cluster.nameServer.start()
    for (const broker of cluster.brokers) await broker.start()
    cluster.nameServer.routes.set('Orders', routeOver(...cluster.brokers))
    return cluster
  }

  get broker(): ScriptedBroker {
    const [first] = this.brokers
    if (first === undefined) throw new Error('the cluster has no broker')
    return first
  }

  /** A producer on the client host, not started. */
  producer(options: Partial<ProducerOptions> = {}): DefaultMQProducer {
    return new DefaultMQProducer({
      producerGroup: 'orders',
      namesrvAddr: this.nameServer.address,
      clientIP: '10.0.8.1',
      runtime: this.#client,
      logger: this.logger,
      ...options,
    })
  }

  async startedProducer(options: Partial<ProducerOptions> = {}): Promise<DefaultMQProducer> {
    const producer = this.producer(options)
    await this.run(producer.start())
    return producer
  }

  run<T>(work: Promise<T>): Promise<T> {
    return this.runtime.run(work)
  }

  /** What the client that connected first answers the first broker. */
  askClient(request: RemotingCommand): Promise<RemotingCommand> {
    const [connection] = this.broker.server.connections
    if (connection === undefined) throw new Error('nobody is connected')
    return this.run(connection.invoke(request, { timeoutMs: 10_000 }))
  }

  /** Lets the work end and returns what it rejected with; fails when it succeeds. */
  async failure(work: Promise<unknown>): Promise<unknown> {
    const outcome = await this.run(
      work.then(
        (value) => ({ value }),
        (cause: unknown) => ({ cause }),
      ),
    )
    if ('cause' in outcome) return outcome.cause
    throw new Error(`expected a failure, got ${JSON.stringify(outcome.value)}`)
  }

  /** The fields of the warnings and errors whose message begins like this. */
  logged(beginning: string): readonly Readonly<Record<string, unknown>>[] {
    return this.#log.filter(([message]) => message.startsWith(beginning)).map(([, fields]) => fields)
  }

  /** Keeps {@link warnings}. */
  get logger(): Logger {
    const note = (message: string, fields: Readonly<Record<string, unknown>> = {}): void => {
      this.warnings.push(message)
      this.#log.push([message, fields])
    }
    return { debug() {}, info() {}, warn: note, error: note }
  }
}
