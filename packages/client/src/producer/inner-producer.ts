import { encodeProperties, type MessageProperties, parseIp, PropertyName, UniqueIdGenerator } from '@mq/remoting'
import { Deadline } from '../deadline.js'
import { LatencyFaultTolerance } from '../fault-tolerance/latency-fault-tolerance.js'
import { MQFaultStrategy } from '../fault-tolerance/mq-fault-strategy.js'
import type { MQClientInstance } from '../instance/mq-client-instance.js'
import { clientInnerProducerGroup } from '../instance/mq-client-instance.js'
import { TopicPublishTable } from '../routes/topic-publish-table.js'
import { brokerDetector } from './broker-detector.js'
import type { SendResult } from './message.js'
import { MessageSender } from './message-sender.js'
import { MessagePreparer, type OutgoingMessage } from './outgoing-message.js'
import { type ProducerConfig, resolveProducerConfig } from './producer-options.js'
import { SendHooks } from './send-hooks.js'
import { SendKernel } from './send-kernel.js'

/** A message of RocketMQ's own making: its topic is that of the wire, and its properties may be any. */
export interface InnerMessage {
  /** Within the namespace. */
  readonly topic: string
  readonly flag: number
  readonly body: Buffer
  readonly properties: MessageProperties
}

/**
 * Sends what a consumer has to send: messages to be consumed again. It belongs to the group every instance registers.
 * Java: the DefaultMQProducer of MQClientInstance.
 */
export class InnerProducer {
  readonly #config: ProducerConfig
  readonly #publish: TopicPublishTable
  readonly #messages: MessagePreparer
  readonly #ids: UniqueIdGenerator
  readonly #sender: MessageSender

  constructor(instance: MQClientInstance) {
    const { runtime, logger, clientIP } = instance.config
    const named = resolveProducerConfig({ producerGroup: clientInnerProducerGroup }, instance.config)
    const config = { ...named, producerGroup: clientInnerProducerGroup }
    this.#config = config
    const { routes } = instance
    this.#publish = new TopicPublishTable({ random: runtime.random, routes, createTopicKey: config.createTopicKey })
    const faults = new MQFaultStrategy({
      sendLatencyEnable: false,
      startDetectorEnable: false,
      latencyFaultTolerance: new LatencyFaultTolerance({
        clock: runtime.clock,
        timers: runtime.timers,
        logger,
        detector: brokerDetector(instance, this.#publish),
        detectTimeout: config.detectTimeout,
        detectInterval: config.detectInterval,
      }),
    })
    const ip = parseIp(clientIP) ?? runtime.random.bytes(4)
    this.#ids = new UniqueIdGenerator({ runtime, ip, pid: process.pid })
    this.#messages = new MessagePreparer({
      ...config,
      clock: runtime.clock,
      ids: this.#ids,
      namespace: '',
      compressions: instance.compressions,
    })
    const hooks = new SendHooks({ send: [], forbidden: [], logger })
    const kernel = new SendKernel({ config, instance, publish: this.#publish, hooks })
    this.#sender = new MessageSender({ config, publish: this.#publish, faults, kernel, isRunning: () => true })
  }

  /** Sends with a producer's retries; rejects as a producer's send does. */
  async send(message: InnerMessage): Promise<SendResult> {
    const { client, sendMsgTimeout } = this.#config
    const outgoing = this.#outgoing(message)
    const deadline = new Deadline({ runtime: client.runtime, timeoutMs: sendMsgTimeout })
    const ready = this.#messages.needsCompression(outgoing) ? await this.#messages.compressed(outgoing) : outgoing
    return this.#sender.send(ready, deadline)
  }

  #outgoing({ topic, flag, body, properties: given }: InnerMessage): OutgoingMessage {
    const properties = new Map(given)
    const uniqueId = properties.get(PropertyName.UNIQ_KEY) ?? this.#ids.next()
    properties.set(PropertyName.UNIQ_KEY, uniqueId)
    const { namespace, runtime } = this.#config.client
    if (namespace !== '') properties.set(PropertyName.INSTANCE_ID, namespace)
    return {
      topic,
      flag,
      body,
      properties,
      uniqueId,
      memberIds: [],
      sysFlag: 0,
      bornTimestamp: runtime.clock.now(),
      isBatch: false,
      encodedProperties: encodeProperties(properties),
    }
  }
}
