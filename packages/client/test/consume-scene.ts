import type { MessageExt } from '@mq/remoting'
import { DefaultMQPushConsumer, type PushConsumerOptions } from '../src/index.js'
import { ScriptedGroup } from './scripted-group.js'
import { routeOver } from './scripted-name-server.js'
import { SimulatedCluster } from './simulated-cluster.js'
import { StoredQueues, type StoredParts } from './stored-queues.js'

/** What the group is called in these tests, and its retry topic. */
export const group = 'billing'
export const retryTopic = '%RETRY%billing'

/** Long enough for a started consumer to have taken its queues and made its first pulls. */
const settleMs = 2000

/** One broker whose topic `Orders` has a number of queues with messages, and consumers in virtual time. */
export class ConsumeScene {
  readonly cluster: SimulatedCluster
  readonly stored: StoredQueues
  readonly group: ScriptedGroup

  private constructor(cluster: SimulatedCluster, queues: number) {
    this.cluster = cluster
    this.stored = new StoredQueues(cluster.broker, cluster.runtime)
    this.group = new ScriptedGroup(cluster.broker)
    const { brokerName, address } = cluster.broker
    cluster.nameServer.routes.set('Orders', routeOver({ brokerName, address, queues }))
    cluster.nameServer.routes.set(retryTopic, routeOver({ brokerName, address, queues: 1 }))
  }

  static async start(options: { queues?: number } = {}): Promise<ConsumeScene> {
    return new ConsumeScene(await SimulatedCluster.start(), options.queues ?? 1)
  }

  /** Stores messages in a queue of `Orders`; the group has an offset of 0 there, unless it has one already. */
  append(queueId: number, bodies: readonly string[], parts?: StoredParts): void {
    if (this.offset(queueId) === undefined) this.stored.offsets.set(`Orders@${group}@${queueId}`, 0)
    for (const body of bodies) this.stored.append(`Orders@${queueId}`, body, parts)
  }

  /** How far the broker knows the group to be. */
  offset(queueId: number, topic = 'Orders'): number | undefined {
    return this.stored.offsets.get(`${topic}@${group}@${queueId}`)
  }

  /** A consumer of `Orders` on the client host, without a handler. */
  consumer(options: Partial<PushConsumerOptions> = {}): DefaultMQPushConsumer {
    const { cluster } = this
    const consumer = new DefaultMQPushConsumer({
      consumerGroup: group,
      namesrvAddr: cluster.nameServer.address,
      clientIP: '10.0.8.1',
      runtime: cluster.runtime.host('10.0.8.1'),
      logger: cluster.logger,
      ...options,
    })
    consumer.subscribe('Orders')
    return consumer
  }

  /** Starts it and lets it take its queues. */
  async started(consumer: DefaultMQPushConsumer): Promise<DefaultMQPushConsumer> {
    await this.cluster.run(consumer.start())
    await this.advance(settleMs)
    return consumer
  }

  advance(ms: number): Promise<void> {
    return this.cluster.runtime.advance(ms)
  }

  run<T>(work: Promise<T>): Promise<T> {
    return this.cluster.run(work)
  }
}

/** The body as text. */
export function text({ body }: MessageExt): string {
  return body.toString()
}
