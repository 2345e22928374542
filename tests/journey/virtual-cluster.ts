import { Broker, type BrokerOptions } from '@mq/broker'
import { DefaultMQProducer, DefaultMQPushConsumer, type PushConsumerOptions } from '@mq/client'
import { NameServer } from '@mq/namesrv'
import { SimulatedRuntime } from '@mq/remoting/testing'
import { InMemoryFileSystem } from '@mq/store/testing'
import { ReadableLog } from './consuming-cluster.js'

const nameServerHost = '10.0.0.1'
const brokerHost = '10.0.1.1'

/** A real name server, broker and clients in virtual time, on a network and a disk in memory: what takes hours is seen at once. */
export class VirtualCluster implements AsyncDisposable {
  readonly runtime = new SimulatedRuntime({ seed: 1, maxRunMs: 24 * 3_600_000 })
  readonly brokerLog = new ReadableLog()
  readonly consumerLog = new ReadableLog()
  readonly #open: { close(): Promise<void> }[] = []
  #nameServer: NameServer | undefined

  static async start(options: Partial<BrokerOptions> = {}): Promise<VirtualCluster> {
    const cluster = new VirtualCluster()
    const { runtime } = cluster
    const fileSystem = new InMemoryFileSystem()
    const server = { listenPort: 9876, bindAddress: nameServerHost, runtime: runtime.host(nameServerHost) }
    cluster.#nameServer = await runtime.run(NameServer.start(server))
    cluster.#open.push(cluster.#nameServer)
    const starting = Broker.start({
      brokerName: 'a',
      listenPort: 10_911,
      vipChannelEnable: false,
      bindAddress: brokerHost,
      namesrvAddr: cluster.namesrvAddr,
      storePathRootDir: '/store',
      mappedFileSizeCommitLog: 1_048_576,
      mappedFileSizeConsumeQueue: 20_000,
      maxHashSlotNum: 100,
      maxIndexNum: 400,
      runtime: runtime.host(brokerHost),
      fileSystem,
      logger: cluster.brokerLog,
      ...options,
    })
    cluster.#open.push(await runtime.run(starting))
    return cluster
  }

  get namesrvAddr(): string {
    return `${nameServerHost}:9876`
  }

  async producer(): Promise<DefaultMQProducer> {
    const client = { clientIP: '10.0.7.1', runtime: this.runtime.host('10.0.7.1') }
    const producer = new DefaultMQProducer({ producerGroup: 'orders', namesrvAddr: this.namesrvAddr, ...client })
    this.#open.push(producer)
    await this.runtime.run(producer.start())
    return producer
  }

  /** A push consumer of the group `billing` on a host of its own, not started. */
  consumer(host: string, options: Partial<PushConsumerOptions> = {}): DefaultMQPushConsumer {
    const consumer = new DefaultMQPushConsumer({
      consumerGroup: 'billing',
      namesrvAddr: this.namesrvAddr,
      clientIP: host,
      runtime: this.runtime.host(host),
      logger: this.consumerLog,
      ...options,
    })
    this.#open.push(consumer)
    return consumer
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const part of this.#open.reverse()) await this.runtime.run(part.close())
  }
}
