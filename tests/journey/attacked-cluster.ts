import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { Broker } from '@mq/broker'
import { DefaultMQProducer } from '@mq/client'
import { NameServer } from '@mq/namesrv'
import { nodeRuntime, type Runtime } from '@mq/remoting'

/** A name server and a broker on loopback that are sent what nobody should send, and an honest producer beside. */
export class AttackedCluster implements AsyncDisposable {
  /** A word that is part of no path unless a test put it there. */
  readonly token: string
  /** Everything of the cluster lies in `store` in here. */
  readonly folder: string
  readonly nameServer: NameServer
  readonly broker: Broker
  /** Rejections and exceptions that nobody caught since the start. */
  readonly defects: unknown[] = []
  readonly #clock: MovableClock
  readonly #producer: DefaultMQProducer
  readonly #onDefect = (cause: unknown): number => this.defects.push(cause)

  private constructor(folder: string, clock: MovableClock, servers: { nameServer: NameServer; broker: Broker }) {
    this.folder = folder
    this.token = `evil-${basename(folder)}`
    this.#clock = clock
    this.nameServer = servers.nameServer
    this.broker = servers.broker
    this.#producer = new DefaultMQProducer({ producerGroup: 'honest', namesrvAddr: servers.nameServer.address })
    process.on('unhandledRejection', this.#onDefect)
    process.on('uncaughtException', this.#onDefect)
  }

  static async start(): Promise<AttackedCluster> {
    const folder = await mkdtemp(join(tmpdir(), 'mq-bad-input-'))
    const clock = new MovableClock()
    const runtime: Runtime = { ...nodeRuntime, clock }
    const kvConfigPath = join(folder, 'store', 'config', 'kvConfig.json')
    const nameServer = await NameServer.start({ listenPort: 0, runtime, kvConfigPath })
    const broker = await Broker.start({
      brokerName: 'a',
      listenPort: 0,
      namesrvAddr: nameServer.address,
      storePathRootDir: join(folder, 'store'),
      mappedFileSizeCommitLog: 67_108_864,
      maxHashSlotNum: 1000,
      maxIndexNum: 4000,
      runtime,
    })
    const cluster = new AttackedCluster(folder, clock, { nameServer, broker })
    await cluster.#producer.start()
    return cluster
  }

  /** The address of one of the two. */
  addressOf(server: 'broker' | 'name server'): string {
    return server === 'broker' ? this.broker.address : this.nameServer.address
  }

  /** Lets time go by for the servers' deadlines. */
  passTime(ms: number): void {
    this.#clock.aheadMs += ms
  }

  /** What an honest client gets: a send by an old connection, and one by new ones that ask for the route first. */
  async serveHonestClients(): Promise<string[]> {
    await using newcomer = new DefaultMQProducer({ producerGroup: 'newcomer', namesrvAddr: this.nameServer.address })
    await newcomer.start()
    const results = [await this.#producer.send({ topic: 'Honest', body: 'x' })]
    results.push(await newcomer.send({ topic: 'Honest', body: 'x' }))
    return results.map(({ sendStatus }) => sendStatus)
  }

  /** Every file and folder under the cluster's folder. */
  paths(): Promise<string[]> {
    return readdir(this.folder, { recursive: true })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#producer.close()
    await this.broker.close()
    await this.nameServer.close()
    await rm(this.folder, { recursive: true })
    process.off('unhandledRejection', this.#onDefect)
    process.off('uncaughtException', this.#onDefect)
  }
}

/** Node's clock, and a bit ahead of it. */
class MovableClock {
  aheadMs = 0

  now(): number {
    return nodeRuntime.clock.now() + this.aheadMs
  }

  monotonic(): number {
    return nodeRuntime.clock.monotonic() + this.aheadMs
  }
}
