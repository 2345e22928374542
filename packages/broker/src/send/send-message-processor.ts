import type {
  Answer,
  Handler,
  HandlerTable,
  HostAddress,
  Logger,
  RequestContext,
  RequestOf,
  Random,
} from '@mq/remoting'
import {
  MqError,
  PropertyName,
  ResponseCode,
  SendBatchMessage,
  SendMessage,
  SendMessageV2,
  deferred,
} from '@mq/remoting'
import { answer, decodeProperties, isRetryTopic, MAX_TOPIC_LENGTH, ResponseError, SystemFlag } from '@mq/remoting'
import type { TopicConfig, UniqueIdGenerator } from '@mq/remoting'
import type { MessageStore, PutMessageResult } from '@mq/store'
import type { BrokerConfig } from '../configuration/broker-config.js'
import type { BrokerStatistics } from '../statistics/broker-statistics.js'
import type { SubscriptionGroupManager } from '../subscription-groups/subscription-group-manager.js'
import type { TopicConfigManager } from '../topics/topic-config-manager.js'
import { bornHostOf } from './born-host.js'
import type { Refusal } from './message-check.js'
import { refuseByName, refuseQueue, topicMissing } from './message-check.js'
import { putRefusal, storedCode } from './put-answer.js'
import { retryDestination } from './retry-topic.js'
import type { SendMessageContext, SendMessageHook } from './send-message-hook.js'

/** The values of a send header; V1 and V2 decode to the same names. */
export type SendHeader = RequestOf<typeof SendMessage>

/** What a SendMessageProcessor works with. */
export interface SendMessageProcessorOptions {
  readonly config: BrokerConfig
  readonly topics: TopicConfigManager
  readonly groups: SubscriptionGroupManager
  readonly store: MessageStore
  readonly statistics: BrokerStatistics
  readonly uniqueIds: UniqueIdGenerator
  readonly random: Random
  readonly now: () => number
  /** What records carry as their store host: brokerIP1 and the listening port. */
  readonly storeHost: HostAddress
  readonly brokerAddress: string
  readonly logger: Logger
}

/** A send that passed its checks. */
interface Send {
  readonly header: SendHeader
  readonly context: RequestContext
  readonly properties: Map<string, string>
  readonly hookContext: SendMessageContext | undefined
}

/** Answers SEND_MESSAGE, SEND_MESSAGE_V2 and SEND_BATCH_MESSAGE. Java: SendMessageProcessor. */
export class SendMessageProcessor {
  readonly #options: SendMessageProcessorOptions
  readonly #hooks: SendMessageHook[] = []
  readonly #answerFields: { readonly MSG_REGION: string; readonly TRACE_ON: string }

  constructor(options: SendMessageProcessorOptions) {
    this.#options = options
    const { regionId, traceOn } = options.config
    this.#answerFields = { MSG_REGION: regionId, TRACE_ON: String(traceOn) }
  }

  /** Adds a hook; hooks run in the order added. */
  addHook(hook: SendMessageHook): void {
    this.#hooks.push(hook)
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

  #process(header: SendHeader, context: RequestContext): typeof deferred | Answer {
    if (context.body === undefined) {
      throw new ResponseError(ResponseCode.SYSTEM_ERROR, 'the request has no body: send at least one byte')
    }
    const send = this.#prepare(header, context)
    const early = this.#runBeforeHooks(send) ?? this.#refuse(header)
    if (early !== undefined) return this.#refusal(early)
    const topic = this.#options.topics.select(header.topic)
    if (topic === undefined || isRetryTopic(header.topic)) {
      void this.#resolveThenPut(send, Buffer.from(context.body))
    } else {
      this.#put(send, topic, context.body)
    }
    return deferred
  }

  #prepare(header: SendHeader, context: RequestContext): Send {
    const properties = decodeProperties(header.properties ?? '')
    properties.set(PropertyName.MSG_REGION, this.#answerFields.MSG_REGION)
    properties.set(PropertyName.TRACE_ON, this.#answerFields.TRACE_ON)
    const hookContext = this.#hooks.length === 0 ? undefined : this.#hookContext(header, context, properties)
    return { header, context, properties, hookContext }
  }

  #hookContext(header: SendHeader, context: RequestContext, properties: Map<string, string>): SendMessageContext {
    return {
      producerGroup: header.producerGroup,
      topic: header.topic,
      bodyLength: context.body?.length ?? 0,
      properties,
      bornHost: context.connection.remoteAddress,
      brokerAddress: this.#options.brokerAddress,
      regionId: this.#answerFields.MSG_REGION,
      uniqueKey: properties.get(PropertyName.UNIQ_KEY),
      queueId: header.queueId,
    }
  }

  #runBeforeHooks({ hookContext, properties }: Send): Refusal | undefined {
    if (hookContext !== undefined) {
      for (const hook of this.#hooks) {
        try {
          hook.sendMessageBefore?.(hookContext)
        } catch (cause) {
          if (MqError.is(cause) && cause.responseCode !== undefined)
            return { code: cause.responseCode, remark: cause.message }
          this.#options.logger.warn(`send hook ${hook.name} failed before a send`, { cause: String(cause) })
        }
      }
    }
    properties.delete(PropertyName.POP_CK)
    return undefined
  }

  #refuse(header: SendHeader): Refusal | undefined {
    const { config, topics, now } = this.#options
    const opens = config.startAcceptSendRequestTimeStamp
    if (opens > 0 && now() < opens) {
      const remark = `this broker accepts messages from ${new Date(opens).toISOString()}: send later, or elsewhere`
      return { code: ResponseCode.SYSTEM_ERROR, remark }
    }
    return refuseByName(header, config, topics)
  }

  #refusal({ code, remark }: Refusal): Answer {
    return answer({ code, remark, extFields: { ...this.#answerFields } })
  }

  /** The slow path: the topic has to be created, or a retry counted. `body` is a copy, since the frame is gone by then. */
  async #resolveThenPut(send: Send, body: Buffer): Promise<void> {
    const { header, context } = send
    try {
      const topic = await this.#resolveTopic(header)
      if ('code' in topic) context.reply(this.#refusal(topic))
      else if (isRetryTopic(header.topic) && header.batch !== true) await this.#putRetry(send, topic, body)
      else this.#put(send, topic, body)
    } catch (cause) {
      this.#options.logger.error(`a send to ${header.topic} failed`, { cause: String(cause) })
      context.reply(this.#refusal({ code: ResponseCode.SYSTEM_ERROR, remark: String(cause) }))
    }
  }

  async #resolveTopic(header: SendHeader): Promise<TopicConfig | Refusal> {
    const { topics } = this.#options
    const { topic, defaultTopic, unitMode } = header
    const existing = topics.select(topic)
    if (existing !== undefined) return existing
    const retry = isRetryTopic(topic)
    const topicSysFlag = unitMode === true ? (retry ? 2 : 1) : 0
    const clientDefaultTopicQueueNums = header.defaultTopicQueueNums
    const created = await topics.createForSend({ topic, defaultTopic, clientDefaultTopicQueueNums, topicSysFlag })
    if (created !== undefined) return created
    const forRetry = retry ? await topics.createForRetry(topic, 1, topicSysFlag) : undefined
    return forRetry ?? topicMissing(topic, topics)
  }

  async #putRetry(send: Send, topic: TopicConfig, body: Buffer): Promise<void> {
    const { header, context, properties } = send
    const { topics, groups } = this.#options
    const retry = {
      topic: header.topic,
      reconsumeTimes: header.reconsumeTimes ?? 0,
      maxReconsumeTimes: header.maxReconsumeTimes,
      version: context.command.version,
      properties,
    }
    const destination = await retryDestination(retry, groups, topics)
    if ('code' in destination) context.reply(this.#refusal(destination))
    else if (destination.kind === 'retry') this.#put(send, topic, body)
    else this.#put({ ...send, header: { ...header, topic: destination.topic, queueId: 0 } }, topic, body)
  }

  /** Checks the queue and hands the message to the store, which copies what it needs before it returns. */
  #put(send: Send, topic: TopicConfig, body: Buffer): void {
    const { header, context } = send
    const refusal = refuseQueue(header, topic) ?? (header.batch === true ? this.#refuseBatch(header, body) : undefined)
    if (refusal !== undefined) {
      context.reply(this.#refusal(refusal))
      return
    }
    const queueId = header.queueId >= 0 ? header.queueId : this.#options.random.int(Math.max(1, topic.writeQueueNums))
    if (header.batch === true) this.#putBatch(send, queueId, body)
    else this.#putSingle(send, { queueId, topic, body })
  }

  #refuseBatch(header: SendHeader, body: Buffer): Refusal | undefined {
    const { maxMessageSize } = this.#options.config
    if (header.topic.length > MAX_TOPIC_LENGTH || isRetryTopic(header.topic)) {
      const remark = `a batch may not go to ${header.topic}: its name is too long or belongs to retries; send one by one`
      return { code: ResponseCode.MESSAGE_ILLEGAL, remark }
    }
    if (body.length <= maxMessageSize) return undefined
    const remark = `the batch has ${body.length} bytes, more than maxMessageSize ${maxMessageSize}: send smaller batches`
    return { code: ResponseCode.SYSTEM_ERROR, remark }
  }

  #putSingle(send: Send, target: { queueId: number; topic: TopicConfig; body: Buffer }): void {
    const { header, context, properties } = send
    const { config, store, storeHost, uniqueIds } = this.#options
    if (refusesTransaction(properties, header.reconsumeTimes ?? 0)) {
      const remark = 'this broker does not take transactional messages: send the message without a transaction'
      context.reply(this.#refusal({ code: ResponseCode.NO_PERMISSION, remark }))
      return
    }
    if (!properties.get(PropertyName.UNIQ_KEY)) properties.set(PropertyName.UNIQ_KEY, uniqueIds.next())
    properties.set(PropertyName.CLUSTER, config.brokerClusterName)
    const multiTags = target.topic.topicFilterType === 'MULTI_TAG' ? SystemFlag.MULTI_TAGS : 0
    const message = {
      topic: header.topic,
      queueId: target.queueId,
      flag: header.flag,
      sysFlag: header.sysFlag | multiTags,
      body: target.body,
      properties,
      bornTimestamp: header.bornTimestamp,
      bornHost: bornHostOf(context.connection),
      storeHost,
      reconsumeTimes: header.reconsumeTimes ?? 0,
      preparedTransactionOffset: 0,
    }
    store.putMessage(message, (result) => this.#answerPut(send, target.queueId, result))
  }

  #putBatch(send: Send, queueId: number, body: Buffer): void {
    const { header, context, properties } = send
    const { config, store, storeHost } = this.#options
    properties.set(PropertyName.CLUSTER, config.brokerClusterName)
    const batch = {
      topic: header.topic,
      queueId,
      flag: header.flag,
      sysFlag: header.sysFlag,
      body,
      properties,
      bornTimestamp: header.bornTimestamp,
      bornHost: bornHostOf(context.connection),
      storeHost,
      reconsumeTimes: header.reconsumeTimes ?? 0,
      preparedTransactionOffset: 0,
    }
    store.putMessages(batch, (result) => this.#answerPut(send, queueId, result))
  }

  #answerPut(send: Send, queueId: number, result: PutMessageResult): void {
    const { context, properties, hookContext, header } = send
    const refusal = putRefusal(result)
    if (refusal === undefined) {
      const { msgId, queueOffset, messageCount, status } = result
      const transactionId = properties.get(PropertyName.UNIQ_KEY)
      const fields = { msgId, queueId, queueOffset, transactionId }
      context.reply(answer({ code: storedCode(status), header: fields, extFields: { ...this.#answerFields } }))
      this.#options.statistics.countPut(header.topic, messageCount)
      if (hookContext !== undefined) Object.assign(hookContext, { msgId, queueOffset, queueId })
    } else {
      context.reply(this.#refusal(refusal))
      this.#options.statistics.countPutFailure()
    }
    if (hookContext !== undefined)
      this.#runAfterHooks(hookContext, refusal?.code ?? storedCode(result.status), refusal?.remark)
  }

  #runAfterHooks(hookContext: SendMessageContext, code: number, remark: string | undefined): void {
    hookContext.code = code
    hookContext.remark = remark
    for (const hook of this.#hooks) {
      try {
        hook.sendMessageAfter?.(hookContext)
      } catch (cause) {
        this.#options.logger.warn(`send hook ${hook.name} failed after a send`, { cause: String(cause) })
      }
    }
  }
}

/** Java: SendMessageProcessor#sendMessage, the condition under which a message is stored as a half message. */
function refusesTransaction(properties: ReadonlyMap<string, string>, reconsumeTimes: number): boolean {
  const half = properties.get(PropertyName.TRAN_MSG)
  if (half === undefined || half.toLowerCase() !== 'true') return false
  return !(reconsumeTimes > 0 && Number(properties.get(PropertyName.DELAY) ?? 0) > 0)
}
