import {
  createRequest,
  decodeMessageBatch,
  decodeProperties,
  LitePullMessage,
  type MessageExt,
  type MessageQueue,
  type MqError,
  PropertyName,
  protocolVersion,
  PullMessage,
  type PullMessageRequest,
  PullSystemFlag,
  readPulledRecords,
  type RemotingCommand,
  ResponseCode,
  ResponseCodeError,
  type ResponseOf,
  type SubscriptionData,
  SystemFlag,
  withoutNamespace,
} from '@mq/remoting'
import { MQClientError } from '../errors.js'
import type { MQClientInstance } from '../instance/mq-client-instance.js'
import type { BrokerAddress } from '../routes/broker-addresses.js'
import type { PullResult, PullStatus, UndecodableMessage } from './pull-result.js'

/** What {@link PullKernel} is made with. */
export interface PullKernelOptions {
  readonly instance: MQClientInstance
  /** With its namespace. */
  readonly consumerGroup: string
}

/** One pull. Its queue is that of the wire: the topic carries the namespace. */
export interface KernelPull {
  readonly queue: MessageQueue
  /** What the broker filters by if sysFlag says that it travels along, and by what tags are checked once more here. */
  readonly subscription: SubscriptionData
  readonly offset: number
  readonly maxNums: number
  readonly maxSizeBytes: number
  /** Bits of PullSystemFlag; COMMIT_OFFSET is left out for a slave. */
  readonly sysFlag: number
  readonly commitOffset: number
  /** Milliseconds a broker may hold the pull until a message comes. */
  readonly suspendTimeoutMs: number
  /** Milliseconds until the answer has to be here, the hold included. */
  readonly timeoutMs: number
  readonly subVersion: number
  /** Whether the pull is that of a lite pull consumer. Default false. */
  readonly isLite?: boolean
}

const masterId = 0
/** From here on brokers filter by more than tags. */
const firstVersionWithExpressions = protocolVersion(4, 1, 0) - 1

const statusByCode = new Map<number, PullStatus>([
  [ResponseCode.SUCCESS, 'FOUND'],
  [ResponseCode.PULL_NOT_FOUND, 'NO_NEW_MSG'],
  [ResponseCode.PULL_RETRY_IMMEDIATELY, 'NO_MATCHED_MSG'],
  [ResponseCode.PULL_OFFSET_MOVED, 'OFFSET_ILLEGAL'],
])

type PullResponse = ResponseOf<typeof PullMessage>

/** One pull from one queue, from whichever member of the broker it asked for last time. Java: PullAPIWrapper. */
export class PullKernel {
  readonly #options: PullKernelOptions
  /** Broker ids by queue. */
  readonly #pullFromWhichNode = new Map<string, number>()

  constructor(options: PullKernelOptions) {
    this.#options = options
  }

  /**
   * Pulls and decodes. Rejects with ResponseCodeError for an answer that is no pull status, with MQClientError BROKER_NOT_FOUND
   * or FILTER_UNSUPPORTED, with what the connection fails with, and at once with the signal's reason when it aborts.
   */
  async pull(request: KernelPull, signal?: AbortSignal): Promise<PullResult> {
    signal?.throwIfAborted()
    const broker = await this.#findBroker(request.queue)
    this.#checkFilter(request.subscription, broker)
    signal?.throwIfAborted()
    const command = createRequest(
      request.isLite === true ? LitePullMessage : PullMessage,
      this.#header(request, broker),
    )
    const response = await this.#invoke(broker, { command, timeoutMs: request.timeoutMs, signal })
    return this.#resultOf(response, request, broker)
  }

  async #findBroker(queue: MessageQueue): Promise<BrokerAddress> {
    const { routes } = this.#options.instance
    const find = (): BrokerAddress | undefined =>
      routes.brokers.findInSubscribe(routes.brokerNameOf(queue), this.#pullFromWhichNode.get(keyOf(queue)) ?? masterId)
    const known = find()
    if (known !== undefined) return known
    const refreshed = await routes.refresh(queue.topic)
    const broker = find()
    if (broker !== undefined) return broker
    if (refreshed === 'NOT_FOUND') throw await routes.missing(queue.topic)
    const { brokerName, topic } = queue
    throw new MQClientError(
      `the broker ${brokerName} is in no route, so its queue of topic '${topic}' cannot be read`,
      {
        code: 'BROKER_NOT_FOUND',
        fields: { brokerName, topic },
        remedy: 'start that broker, or check that it registers at these name servers',
      },
    )
  }

  /** A broker whose version is not known yet (0) is refused like Java refuses it: it was never greeted. */
  #checkFilter({ expressionType, topic }: SubscriptionData, { brokerName, address }: BrokerAddress): void {
    if (expressionType === 'TAG') return
    const version = this.#options.instance.routes.brokers.versionOf(brokerName, address)
    if (version >= firstVersionWithExpressions) return
    throw new MQClientError(
      `the broker ${brokerName} (${address}) has not shown that it filters by ${expressionType} (version ${version})`,
      { code: 'FILTER_UNSUPPORTED', fields: { brokerName, address, version, topic } },
    )
  }

  #header(request: KernelPull, broker: BrokerAddress): PullMessageRequest & { bname: string } {
    const { queue, subscription, isLite } = request
    const forMaster = request.sysFlag | (isLite === true ? PullSystemFlag.LITE_PULL_MESSAGE : 0)
    return {
      consumerGroup: this.#options.consumerGroup,
      topic: queue.topic,
      queueId: queue.queueId,
      queueOffset: request.offset,
      maxMsgNums: request.maxNums,
      sysFlag: broker.brokerId === masterId ? forMaster : forMaster & ~PullSystemFlag.COMMIT_OFFSET,
      commitOffset: request.commitOffset,
      suspendTimeoutMillis: request.suspendTimeoutMs,
      subscription: subscription.subString,
      subVersion: request.subVersion,
      expressionType: subscription.expressionType,
      maxMsgBytes: request.maxSizeBytes,
      bname: queue.brokerName,
    }
  }

  /** A pull that times out leaves its connection open for the others that wait on it, as Java's asynchronous pulls do. */
  #invoke(
    broker: BrokerAddress,
    call: { command: RemotingCommand; timeoutMs: number; signal: AbortSignal | undefined },
  ): Promise<RemotingCommand> {
    const { remoting } = this.#options.instance
    const { command, timeoutMs, signal } = call
    return new Promise((resolve, reject) => {
      const onAbort = (): void => reject(signal?.reason as Error)
      signal?.addEventListener('abort', onAbort, { once: true })
      remoting.invokeAsync(broker.address, command, { timeoutMs }, ({ response, error }) => {
        signal?.removeEventListener('abort', onAbort)
        if (response === undefined) reject(connectFailure(error, broker))
        else resolve(response)
      })
    })
  }

  async #resultOf(response: RemotingCommand, request: KernelPull, broker: BrokerAddress): Promise<PullResult> {
    const pullStatus = statusByCode.get(response.code)
    if (pullStatus === undefined) throw refusal(response, broker)
    const header = PullMessage.responseHeader.decode(response.extFields)
    this.#pullFromWhichNode.set(keyOf(request.queue), header.suggestWhichBrokerId)
    const { nextBeginOffset, minOffset, maxOffset } = header
    const { body } = response
    const isEmpty = pullStatus !== 'FOUND' || body === undefined
    const read = isEmpty ? nothing : await this.#read(body)
    const msgFoundList = read.messages.filter((message) => matches(request.subscription, message))
    for (const message of msgFoundList) this.#complete(message, request.queue, header)
    const undecodable = read.undecodable.map((entry) => this.#surface(entry, request.queue, header))
    return { pullStatus, nextBeginOffset, minOffset, maxOffset, msgFoundList, undecodable }
  }

  async #read(body: Buffer): Promise<Pick<PullRead, 'messages' | 'undecodable'>> {
    const { compressions } = this.#options.instance
    await compressions.loadFor(body)
    const { messages, undecodable } = readPulledRecords(body, { compressions: compressions.loaded })
    const read: PullRead = { messages: [], undecodable: [...undecodable] }
    for (const message of messages) unwrapInto(read, message)
    return read
  }

  #surface(entry: UndecodableMessage, queue: MessageQueue, { offsetDelta = 0 }: PullResponse): UndecodableMessage {
    const { cause, offsetMsgId } = entry
    const queueOffset = entry.queueOffset === undefined ? undefined : entry.queueOffset + offsetDelta
    const { logger } = this.#options.instance.config
    logger.error('a stored message cannot be decoded', { ...queue, queueOffset, offsetMsgId, cause })
    return { queueOffset, offsetMsgId, cause }
  }

  /** What only the answer or the queue knows. */
  #complete(message: MessageExt, queue: MessageQueue, header: PullResponse): void {
    const { namespace } = this.#options.instance.config
    message.properties.set(PropertyName.MIN_OFFSET, String(header.minOffset))
    message.properties.set(PropertyName.MAX_OFFSET, String(header.maxOffset))
    message.topic = withoutNamespace(message.topic, namespace)
    message.brokerName = queue.brokerName
    if (message.properties.get(PropertyName.TRAN_MSG)?.toLowerCase() === 'true') {
      message.transactionId = message.properties.get(PropertyName.UNIQ_KEY)
    }
    message.queueId = queue.queueId
    message.queueOffset += header.offsetDelta ?? 0
  }
}

interface PullRead {
  readonly messages: MessageExt[]
  readonly undecodable: UndecodableMessage[]
}

const nothing: PullRead = { messages: [], undecodable: [] }
const wrapped = SystemFlag.INNER_BATCH | SystemFlag.NEED_UNWRAP

/** Messages a batch queue stored as one record become messages of their own. Java: MessageDecoder#decodeMessage. */
function unwrapInto(read: PullRead, message: MessageExt): void {
  if ((message.sysFlag & wrapped) !== wrapped) {
    read.messages.push(message)
    return
  }
  const { queueOffset, offsetMsgId } = message
  try {
    for (const [index, member] of decodeMessageBatch(message.body).entries()) {
      const properties = decodeProperties(member.properties)
      const msgId = properties.get(PropertyName.UNIQ_KEY) ?? offsetMsgId
      read.messages.push({
        ...message,
        flag: member.flag,
        body: member.body,
        properties,
        queueOffset: queueOffset + index,
        msgId,
      })
    }
  } catch (cause) {
    read.undecodable.push({ queueOffset, offsetMsgId, cause: cause as Error })
  }
}

/** Brokers compare hashes of tags, of which two tags may have the same. */
function matches({ tagsSet, classFilterMode }: SubscriptionData, message: MessageExt): boolean {
  if (tagsSet.length === 0 || classFilterMode) return true
  const tags = message.properties.get(PropertyName.TAGS)
  return tags !== undefined && tagsSet.includes(tags)
}

function refusal(response: RemotingCommand, { brokerName, address }: BrokerAddress): ResponseCodeError {
  const { code: responseCode, remark } = response
  return new ResponseCodeError(
    `broker ${brokerName} (${address}) answered the pull with ${responseCode}: ${remark ?? 'without a remark'}`,
    { responseCode, remark, address, fields: { brokerName } },
  )
}

/** Says whose address it is that nobody listens at. */
function connectFailure(error: MqError | undefined, { brokerName, address }: BrokerAddress): Error {
  if (error?.code !== 'REMOTING_CONNECT') return error as Error
  return new MQClientError(`broker ${brokerName} cannot be reached at ${address}, the address it advertises`, {
    code: 'BROKER_UNREACHABLE',
    cause: error,
    fields: { brokerName, address },
  })
}

function keyOf({ topic, brokerName, queueId }: MessageQueue): string {
  return `${topic} ${brokerName} ${queueId}`
}
