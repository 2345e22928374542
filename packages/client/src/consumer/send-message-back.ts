import { ConsumerSendMsgBack, type MessageExt, PropertyName, withNamespace } from '@mq/remoting'
import { MQClientError } from '../errors.js'
import type { MQClientInstance } from '../instance/mq-client-instance.js'
import { brokerVIPChannel } from '../instance/vip-channel.js'
import { InnerProducer } from '../producer/inner-producer.js'
import type { CachedMessage } from '../rebalance/process-queue.js'
import { attemptsOf } from './delivery.js'
import type { PushConsumerConfig } from './push-consumer-options.js'

/** Milliseconds a send-back may take. */
const sendBackTimeoutMs = 5000
const defaultMaxReconsumeTimes = 16
/** Level of the first delivery again, when this side decides. */
const firstRetryLevel = 3
/** How the brokers of static topics' queues are named, which are no brokers. */
const logicalBrokerPrefix = '__syslo__'

/** Whose messages are given back. */
export type SendBackConfig = Pick<PushConsumerConfig, 'client' | 'consumerGroup' | 'retryTopic' | 'maxReconsumeTimes'>

/** Gives messages that were not consumed back to a broker, to be delivered again. Java: sendMessageBack. */
export class SendMessageBack {
  readonly #config: SendBackConfig
  readonly #instance: MQClientInstance
  readonly #producer: InnerProducer

  constructor(config: SendBackConfig, instance: MQClientInstance) {
    this.#config = config
    this.#instance = instance
    this.#producer = new InnerProducer(instance)
  }

  /**
   * Asks the broker that stores the message to deliver it again after this level's delay; where that fails, sends it to the retry
   * topic as a new message. Rejects when that fails too. The message is only read.
   */
  async sendBack(entry: CachedMessage, delayLevel: number): Promise<void> {
    const { message } = entry
    const { logger } = this.#config.client
    if (message.brokerName?.startsWith(logicalBrokerPrefix) !== true) {
      try {
        await this.#askBroker(message, delayLevel)
        return
      } catch (cause) {
        logger.warn('a message could not be sent back to its broker, so it is sent to the retry topic', {
          ...placeOf(message),
          cause,
        })
      }
    }
    await this.sendToRetryTopic(entry, this.#config.maxReconsumeTimes === -1 ? defaultMaxReconsumeTimes : undefined)
  }

  /**
   * Sends the message to the retry topic as a new message, which a broker delivers again or, beyond `maxReconsumeTimes`, puts into
   * the dead-letter topic. Java: sendMessageBackAsNormalMessage.
   */
  async sendToRetryTopic(entry: CachedMessage, maxReconsumeTimes = this.#config.maxReconsumeTimes): Promise<void> {
    const { message } = entry
    const times = attemptsOf(entry)
    const properties = new Map(message.properties)
    if (!properties.get(PropertyName.ORIGIN_MESSAGE_ID)) properties.set(PropertyName.ORIGIN_MESSAGE_ID, message.msgId)
    properties.set(PropertyName.RETRY_TOPIC, message.topic)
    properties.set(PropertyName.RECONSUME_TIME, String(times + 1))
    properties.set(PropertyName.MAX_RECONSUME_TIMES, String(maxReconsumeTimes))
    properties.set(PropertyName.DELAY, String(firstRetryLevel + times))
    properties.delete(PropertyName.TRAN_MSG)
    const { retryTopic: topic } = this.#config
    await this.#producer.send({ topic, flag: message.flag, body: message.body, properties })
  }

  async #askBroker(message: MessageExt, delayLevel: number): Promise<void> {
    const { client, consumerGroup, maxReconsumeTimes } = this.#config
    const { remoting, routes } = this.#instance
    const { brokerName = '' } = message
    const address = routes.brokers.masterOf(brokerName)
    if (address === undefined) {
      throw new MQClientError(`the broker ${brokerName} has no known master`, {
        code: 'BROKER_NOT_FOUND',
        fields: { brokerName },
        remedy: 'start the master of that broker',
      })
    }
    await remoting.invoke(
      client.vipChannelEnabled ? brokerVIPChannel(address) : address,
      ConsumerSendMsgBack,
      {
        offset: message.physicalOffset,
        group: consumerGroup,
        delayLevel,
        originMsgId: message.msgId,
        originTopic: withNamespace(client.namespace, message.topic),
        unitMode: client.unitMode,
        maxReconsumeTimes: maxReconsumeTimes === -1 ? defaultMaxReconsumeTimes : maxReconsumeTimes,
        bname: brokerName,
      },
      { timeoutMs: sendBackTimeoutMs },
    )
  }
}

/** How logs name a message. */
export function placeOf(message: MessageExt): Record<string, unknown> {
  const { topic, brokerName, queueId, queueOffset, msgId } = message
  return { topic, brokerName, queueId, queueOffset, msgId }
}
