import type {
  Answer,
  Handler,
  HandlerTable,
  HostAddress,
  Logger,
  MessageExtBrokerInner,
  Random,
  RequestContext,
  RequestOf,
  TopicConfig,
  UniqueIdGenerator,
} from '@mq/remoting'
import {
  answer,
  createExtFields,
  decodeProperties,
  deferred,
  isEncodingOf,
  isRetryTopic,
  PropertyName,
  ResponseCode,
  ResponseError,
  SendBatchMessage,
  SendMessage,
  SendMessageV2,
  SystemFlag,
} from '@mq/remoting'
import type { MessageStore, PutMessageResult } from '@mq/store'
import type { BrokerConfig } from '../configuration/broker-config.js'
import type { RebalanceLockManager } from '../queue-locks/rebalance-lock-manager.js'
import { retryDestination } from '../retries/retry-topic.js'
import type { BrokerStatistics } from '../statistics/broker-statistics.js'
import type { SubscriptionGroupManager } from '../subscription-groups/subscription-group-manager.js'
import type { TopicConfigManager } from '../topics/topic-config-manager.js'
import { bornHostOf } from './born-host.js'
import type { Refusal } from './message-check.js'
import { refuseBatch, refuseBeforeStart, refuseByName, refuseQueue, refuseTransaction } from './message-check.js'
import { messageTypeOf } from './message-type.js'
import { OwnProperties } from './own-properties.js'
import { putRefusal, storedCode } from './put-answer.js'
import type { SendMessageContext, SendMessageHooks } from './send-message-hook.js'
import { topicOfSend } from './topic-of-send.js'

/** The values of a send header; V1 and V2 decode to the same names. */
type SendHeader = RequestOf<typeof SendMessage>

/** What a SendMessageProcessor works with. */
export interface SendMessageProcessorOptions {
  readonly config: BrokerConfig
  readonly topics: TopicConfigManager
  readonly groups: SubscriptionGroupManager
  readonly locks: RebalanceLockManager
  readonly store: MessageStore
  readonly statistics: BrokerStatistics
  readonly hooks: SendMessageHooks
  readonly uniqueIds: UniqueIdGenerator
  readonly random: Random
  readonly now: () => number
  /** What records carry as their store host: brokerIP1 and the listening port. */
  readonly storeHost: HostAddress
  readonly brokerAddress: string
  readonly logger: Logger
}

/** A send on its way. */
interface Send {
  readonly header: SendHeader
  readonly context: RequestContext
  readonly properties: Map<string, string>
  /** The properties as the producer encoded them, as long as there are as many. */
  readonly encoded: { readonly text: string; readonly count: number } | undefined
  readonly hookContext: SendMessageContext | undefined
}

/** What the answer to a send says besides where the store put it. */
interface Place {
  /** The queue asked for or chosen, also of a message that became a dead letter. */
  readonly queueId: number
  uniqueKey: string | undefined
}

/** Where a send goes; `topicName` differs from the topic's own name for a dead letter. */
interface Destination {
  readonly topic: TopicConfig
  readonly topicName: string
}

/** Answers SEND_MESSAGE, SEND_MESSAGE_V2 and SEND_BATCH_MESSAGE. Java: SendMessageProcessor. */
export class SendMessageProcessor {
  readonly #options: SendMessageProcessorOptions
  readonly #ownProperties: OwnProperties

  constructor(options: SendMessageProcessorOptions) {
    this.#options = options
    this.#ownProperties = new OwnProperties(options.config)
  }

  /** Serves the send commands on a server. */
  register(handlers: HandlerTable): void {
    const { config } = this.#options
    const handler: Handler<typeof SendMessage> = (header, context) => this.#process(header, context)
    const limits = { maxPending: config.sendThreadPoolQueueCapacity, reject: () => this.#rejectReason() }
    handlers.on(SendMessage, handler, limits)
    handlers.on(SendMessageV2, handler, limits)
    handlers.on(SendBatchMessage, handler, limits)
  }

  #rejectReason(): string | undefined {
    return this.#options.config.brokerRole === 'SLAVE' ? 'this broker is a slave: send to the master' : undefined
  }

  /** A topic that exists is put to in this turn, from the bytes of the frame; everything else works on a copy. */
  #process(header: SendHeader, context: RequestContext): typeof deferred | Answer {
    const { config, hooks, topics, now } = this.#options
    const { body } = context
    if (body === undefined) {
      throw new ResponseError(ResponseCode.SYSTEM_ERROR, 'the request has no body: send at least one byte')
    }
    const send = this.#begin(header, context)
    const aborted = hooks.before(send.hookContext)
    if (aborted !== undefined) return answer(aborted)
    send.properties.delete(PropertyName.POP_CK)
    const refusal = refuseBeforeStart(config, now) ?? refuseByName(header, config, topics)
    if (refusal !== undefined) return this.#refused(refusal)
    const topic = topics.select(header.topic)
    if (topic === undefined || isRetryTopic(header.topic)) void this.#putLater(send, Buffer.from(body))
    else this.#put(send, { topic, topicName: header.topic }, body)
    return deferred
  }

  #begin(header: SendHeader, context: RequestContext): Send {
    const { config, hooks, brokerAddress } = this.#options
    const text = header.properties ?? ''
    const properties = decodeProperties(text)
    if (hooks.isEmpty) {
      const encoded = isEncodingOf(text, properties) ? { text, count: properties.size } : undefined
      return { header, context, properties, encoded, hookContext: undefined }
    }
    properties.set(PropertyName.MSG_REGION, config.regionId)
    properties.set(PropertyName.TRACE_ON, String(config.traceOn))
    const hookContext: SendMessageContext = {
      producerGroup: header.producerGroup,
      topic: header.topic,
      bodyLength: context.body?.length ?? 0,
      properties,
      bornHost: context.connection.remoteAddress,
      brokerAddress,
      regionId: config.regionId,
      uniqueKey: properties.get(PropertyName.UNIQ_KEY),
      messageType: messageTypeOf(properties),
      queueId: header.queueId,
    }
    return { header, context, properties, encoded: undefined, hookContext }
  }

  #refused({ code, remark }: Refusal): Answer {
    return answer({ code, remark, extFields: createExtFields(this.#ownProperties.replyFields) })
  }

  /** The topic has to be made, or the retries of the message to be counted. */
  async #putLater(send: Send, body: Buffer): Promise<void> {
    const { header, context } = send
    try {
      const destination = await this.#destination(send)
      if ('code' in destination) context.reply(this.#refused(destination))
      else this.#put({ ...send, encoded: undefined }, destination, body)
    } catch (error) {
      this.#options.logger.error('a send failed', { topic: header.topic, error })
      const remark = error instanceof Error ? error.message : String(error)
      context.reply(this.#refused({ code: ResponseCode.SYSTEM_ERROR, remark }))
    }
  }

  async #destination({ header, context, properties }: Send): Promise<Destination | Refusal> {
    const { topics } = this.#options
    const topic = await topicOfSend(header, topics)
    if ('code' in topic) return topic
    const refusal = refuseQueue(header, topic)
    if (refusal !== undefined) return refusal
    if (!isRetryTopic(header.topic) || header.batch === true) return { topic, topicName: header.topic }
    const retry = {
      topic: header.topic,
      reconsumeTimes: header.reconsumeTimes ?? 0,
      maxReconsumeTimes: header.maxReconsumeTimes,
      version: context.command.version,
      properties,
    }
    const destination = await retryDestination(retry, this.#options)
    return 'code' in destination ? destination : { topic, topicName: destination.topic }
  }

  /** Hands the message to the store, which copies what it needs before it returns. */
  #put(send: Send, { topic, topicName }: Destination, body: Buffer): void {
    const { header, context, properties } = send
    const { config, random, store } = this.#options
    const refusal =
      refuseQueue(header, topic) ??
      (header.batch === true
        ? refuseBatch(header.topic, body.length, config)
        : refuseTransaction(properties, header.reconsumeTimes ?? 0))
    if (refusal !== undefined) {
      context.reply(this.#refused(refusal))
      return
    }
    const queueId = header.queueId >= 0 ? header.queueId : random.int(Math.max(1, topic.writeQueueNums))
    const message = this.#message(send, { topicName, queueId: topicName === header.topic ? queueId : 0 }, body)
    const place = { queueId, uniqueKey: properties.get(PropertyName.UNIQ_KEY) }
    const onComplete = (result: PutMessageResult): void => this.#answerPut(send, place, result)
    if (header.batch === true) {
      store.putMessages(message, onComplete)
      return
    }
    if (topic.topicFilterType === 'MULTI_TAG') message.sysFlag |= SystemFlag.MULTI_TAGS
    if (!place.uniqueKey) {
      place.uniqueKey = this.#options.uniqueIds.next()
      properties.set(PropertyName.UNIQ_KEY, place.uniqueKey)
      message.propertiesString = undefined
    }
    store.putMessage(message, onComplete)
  }

  #message(
    { header, context, properties, encoded }: Send,
    { topicName, queueId }: { readonly topicName: string; readonly queueId: number },
    body: Buffer,
  ): MessageExtBrokerInner {
    const appended = this.#ownProperties.appendTo(properties)
    const isAsEncoded = appended !== undefined && encoded?.count === properties.size
    return {
      topic: topicName,
      queueId,
      flag: header.flag,
      sysFlag: header.sysFlag,
      body,
      properties,
      bornTimestamp: header.bornTimestamp,
      bornHost: bornHostOf(context.connection),
      storeHost: this.#options.storeHost,
      reconsumeTimes: header.reconsumeTimes ?? 0,
      preparedTransactionOffset: 0,
      propertiesString: isAsEncoded ? encoded.text : undefined,
      appendedProperties: appended,
    }
  }

  #answerPut(send: Send, { queueId, uniqueKey }: Place, result: PutMessageResult): void {
    const { context, hookContext, header } = send
    const { statistics, hooks } = this.#options
    const refusal = putRefusal(result)
    if (refusal === undefined) {
      const { msgId, queueOffset, messageCount: messages, wroteBytes: bytes, status } = result
      const fields = { msgId, queueId, queueOffset, transactionId: uniqueKey }
      context.reply(answer({ code: storedCode(status), header: fields, extFields: this.#ownProperties.replyFields }))
      statistics.countPut(header.topic, { messages, bytes })
      if (hookContext !== undefined) Object.assign(hookContext, { msgId, queueOffset, queueId })
    } else {
      context.reply(this.#refused(refusal))
      statistics.countPutFailure()
    }
    if (hookContext === undefined) return
    hookContext.code = refusal?.code ?? storedCode(result.status)
    hookContext.remark = refusal?.remark
    hooks.after(hookContext)
  }
}
