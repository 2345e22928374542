import {
  createRequest,
  encodeProperties,
  type MessageQueue,
  PropertyName,
  type RemotingCommand,
  RemotingTooMuchRequestError,
  RETRY_TOPIC_PREFIX,
  SendBatchMessage,
  SendMessage,
  SendMessageV2,
} from '@mq/remoting'
import type { Deadline } from '../deadline.js'
import { MQClientError } from '../errors.js'
import type { MQClientInstance } from '../instance/mq-client-instance.js'
import { brokerVIPChannel } from '../instance/vip-channel.js'
import type { TopicPublishTable } from '../routes/topic-publish-table.js'
import type { SendResult } from './message.js'
import type { OutgoingMessage } from './outgoing-message.js'
import type { ProducerConfig } from './producer-options.js'
import type { CommunicationMode, MessageType, SendHooks, SendMessageContext } from './send-hooks.js'
import { type BrokerTarget, processSendResponse } from './send-result.js'

/** What {@link SendKernel} is made with. */
export interface SendKernelOptions {
  readonly config: ProducerConfig
  readonly instance: MQClientInstance
  readonly publish: TopicPublishTable
  readonly hooks: SendHooks
}

/** One attempt about to be made. */
export interface KernelSend {
  readonly message: OutgoingMessage
  readonly queue: MessageQueue
  readonly target: BrokerTarget
  readonly mode: CommunicationMode
}

/** An attempt whose hooks agreed, ready to be handed to the transport. */
export interface ReadySend extends KernelSend {
  readonly request: RemotingCommand
  /** Undefined when no hook has to be told. */
  readonly context: SendMessageContext | undefined
}

/** One attempt to send one message to one queue. Java: DefaultMQProducerImpl#sendKernelImpl. */
export class SendKernel {
  readonly #options: SendKernelOptions

  constructor(options: SendKernelOptions) {
    this.#options = options
  }

  /** The master that takes the queue's messages, if it is known. */
  targetOf(queue: MessageQueue): BrokerTarget | undefined {
    const { routes } = this.#options.instance
    const brokerName = routes.brokerNameOf(queue)
    const address = routes.brokers.masterOf(brokerName)
    return address === undefined ? undefined : { brokerName, address }
  }

  /** The same, asking for the topic's route when it is not known; rejects with MQClientError BROKER_NOT_FOUND. */
  async findTarget(queue: MessageQueue, deadline: Deadline): Promise<BrokerTarget> {
    const known = this.targetOf(queue)
    if (known !== undefined) return known
    await this.#options.publish.refresh(queue.topic, deadline)
    const target = this.targetOf(queue)
    if (target !== undefined) return target
    throw new MQClientError(`the broker ${queue.brokerName} has no known master`, {
      code: 'BROKER_NOT_FOUND',
      fields: { brokerName: queue.brokerName, topic: queue.topic },
    })
  }

  /** Asks the hooks and builds the request; throws MQClientError SEND_FORBIDDEN when a hook forbids the send. */
  ready(send: KernelSend): ReadySend {
    const { hooks } = this.#options
    if (hooks.hasForbiddenHooks) this.#checkForbidden(send)
    const context = hooks.hasSendHooks ? this.#contextOf(send) : undefined
    if (context !== undefined) hooks.before(context)
    const { message, queue, target, mode } = send
    return { message, queue, target, mode, context, request: this.#requestOf(send) }
  }

  /** Sends and waits; rejects with what went wrong and leaves retries to the caller. */
  async invokeSync(send: ReadySend, limits: { deadline: Deadline; maxTimeoutMs: number }): Promise<SendResult> {
    const { remoting } = this.#options.instance
    try {
      const { deadline } = limits
      const timeoutMs = Math.min(limits.maxTimeoutMs, remainingOf(deadline))
      const options = { timeoutMs, signal: deadline.signal }
      const response = await remoting.invokeSync(this.wireAddress(send), send.request, options)
      return this.succeeded(send, response)
    } catch (cause) {
      throw this.failed(send, cause)
    }
  }

  /** Sends without an answer; resolves once the request was handed to a connection. */
  async invokeOneway(send: ReadySend, deadline: Deadline): Promise<void> {
    const { remoting } = this.#options.instance
    try {
      await remoting.invokeOneway(this.wireAddress(send), send.request, { timeoutMs: remainingOf(deadline) })
    } catch (cause) {
      throw this.failed(send, cause)
    }
    this.#after(send, {})
  }

  /** Reads the answer and tells the hooks; throws ResponseCodeError when it is a refusal. */
  succeeded(send: ReadySend, response: RemotingCommand): SendResult {
    const { namespace } = this.#options.config.client
    const sendResult = processSendResponse(response, { message: send.message, target: send.target, namespace })
    this.#after(send, { sendResult })
    return sendResult
  }

  /** Tells the hooks and returns the cause. */
  failed(send: ReadySend, cause: unknown): unknown {
    this.#after(send, { exception: cause })
    return cause
  }

  #after(send: ReadySend, outcome: Pick<SendMessageContext, 'sendResult' | 'exception'>): void {
    if (send.context !== undefined) this.#options.hooks.after(Object.assign(send.context, outcome))
  }

  /** Where a send goes: to the broker's VIP channel, if that is enabled. */
  wireAddress(send: KernelSend): string {
    const { address } = send.target
    return this.#options.config.client.vipChannelEnabled ? brokerVIPChannel(address) : address
  }

  #requestOf({ message, queue, target }: KernelSend): RemotingCommand {
    const { config, hooks } = this.#options
    const mayHaveChanged = hooks.hasSendHooks || hooks.hasForbiddenHooks
    const header = {
      producerGroup: config.producerGroup,
      topic: message.topic,
      defaultTopic: config.createTopicKey,
      defaultTopicQueueNums: config.client.defaultTopicQueueNums,
      queueId: queue.queueId,
      sysFlag: message.sysFlag,
      bornTimestamp: message.bornTimestamp,
      flag: message.flag,
      properties: mayHaveChanged ? encodeProperties(message.properties) : message.encodedProperties,
      unitMode: config.client.unitMode,
      batch: message.isBatch,
      bname: target.brokerName,
      ...reconsumeFields(message),
    }
    if (message.isBatch) return createRequest(SendBatchMessage, header, { body: message.body })
    return createRequest(config.sendSmartMsg ? SendMessageV2 : SendMessage, header, { body: message.body })
  }

  #contextOf({ message, queue, target, mode }: KernelSend): SendMessageContext {
    const { config } = this.#options
    return {
      producerGroup: config.producerGroup,
      message,
      queue,
      brokerAddress: target.address,
      bornHost: config.client.clientIP,
      communicationMode: mode,
      messageType: messageTypeOf(message),
      namespace: config.client.namespace,
    }
  }

  #checkForbidden({ message, queue, target, mode }: KernelSend): void {
    const { config, instance, hooks } = this.#options
    try {
      hooks.checkForbidden({
        nameServerAddresses: instance.remoting.nameServerAddresses,
        group: config.producerGroup,
        message,
        queue,
        brokerAddress: target.address,
        communicationMode: mode,
        unitMode: config.client.unitMode,
      })
    } catch (cause) {
      throw new MQClientError(`a hook forbids sending to topic '${message.topic}'`, { code: 'SEND_FORBIDDEN', cause })
    }
  }
}

/** Milliseconds left, at least one; throws RemotingTooMuchRequestError when the time is over. */
export function remainingOf(deadline: Deadline): number {
  const { remainingMs } = deadline
  if (remainingMs > 0) return remainingMs
  throw new RemotingTooMuchRequestError(`the ${deadline.timeoutMs} ms of the send were over before it left`)
}

/** A message sent to a retry topic carries its counts in the header too; in the properties they stay. */
function reconsumeFields(message: OutgoingMessage): { reconsumeTimes: number; maxReconsumeTimes?: number } {
  if (!message.topic.startsWith(RETRY_TOPIC_PREFIX)) return { reconsumeTimes: 0 }
  const reconsumeTimes = Number(message.properties.get(PropertyName.RECONSUME_TIME) ?? 0)
  const max = message.properties.get(PropertyName.MAX_RECONSUME_TIMES)
  return max === undefined ? { reconsumeTimes } : { reconsumeTimes, maxReconsumeTimes: Number(max) }
}

const delayProperties = [
  PropertyName.DELAY,
  PropertyName.TIMER_DELAY_SEC,
  PropertyName.TIMER_DELAY_MS,
  PropertyName.TIMER_DELIVER_MS,
]

function messageTypeOf({ properties }: OutgoingMessage): MessageType {
  if (properties.get(PropertyName.TRAN_MSG) === 'true') return 'Trans_Msg_Half'
  return delayProperties.some((name) => properties.has(name)) ? 'Delay_Msg' : 'Normal_Msg'
}
