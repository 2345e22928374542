import {
  answer,
  type Answer,
  ConsumeMessageDirectly,
  CURRENT_VERSION,
  decodeResetOffsetBody,
  encodeConsumeMessageDirectlyResult,
  encodeConsumerRunningInfo,
  encodeConsumerStatusBody,
  GetConsumerRunningInfo,
  GetConsumerStatusFromClient,
  type HandlerTable,
  type Logger,
  NotifyConsumerIdsChanged,
  protocolVersionName,
  readRecord,
  ResetConsumerClientOffset,
  ResponseCode,
} from '@mq/remoting'
import type { MQConsumerInner } from '../consumer/mq-consumer-inner.js'

/** What {@link ClientRemotingProcessor} is made with. */
export interface ClientRemotingProcessorOptions {
  readonly logger: Logger
  /** The consumer registered for a group. */
  consumerOf(group: string): MQConsumerInner | undefined
  nameServerAddresses(): readonly string[]
  rebalanceImmediately(): void
}

/** Answers what brokers ask of a client on the connection it made. Java: ClientRemotingProcessor. */
export class ClientRemotingProcessor {
  readonly #options: ClientRemotingProcessorOptions

  constructor(options: ClientRemotingProcessorOptions) {
    this.#options = options
  }

  /** Registers the handlers. */
  serve(handlers: HandlerTable): void {
    handlers.on(NotifyConsumerIdsChanged, () => {
      this.#options.rebalanceImmediately()
      return undefined
    })
    handlers.on(ResetConsumerClientOffset, ({ topic, group }, { body }) => {
      this.#resetOffset(topic, group, body)
      return undefined
    })
    handlers.on(GetConsumerStatusFromClient, ({ topic, group }) => this.#status(topic, group))
    handlers.on(GetConsumerRunningInfo, ({ consumerGroup }) => this.#runningInfo(consumerGroup))
    handlers.on(ConsumeMessageDirectly, ({ consumerGroup, brokerName }, { body }) => {
      return this.#consumeDirectly(consumerGroup, { brokerName, body })
    })
  }

  #resetOffset(topic: string, group: string, body: Buffer | undefined): void {
    const { offsetTable } = body === undefined ? { offsetTable: [] } : decodeResetOffsetBody(body)
    this.#options.logger.info('a broker resets the offsets of a group', { topic, group, queues: offsetTable.length })
    void this.#options.consumerOf(group)?.resetOffset?.(topic, offsetTable)
  }

  #status(topic: string, group: string): Answer {
    const offsets = this.#options.consumerOf(group)?.offsetsOf?.(topic) ?? []
    const messageQueueTable = [...offsets].map(([messageQueue, offset]) => ({ messageQueue, offset }))
    return answer({ body: encodeConsumerStatusBody({ messageQueueTable, consumerTable: new Map() }) })
  }

  async #runningInfo(group: string): Promise<Answer> {
    const consumer = this.#options.consumerOf(group)
    if (consumer === undefined) return unknownGroup(group)
    const info = await consumer.consumerRunningInfo()
    const properties = new Map([
      ...info.properties,
      [
        'PROP_NAMESERVER_ADDR',
        this.#options
          .nameServerAddresses()
          .map((address) => `${address};`)
          .join(''),
      ],
      ['PROP_CONSUME_TYPE', consumer.heartbeatData().consumeType],
      ['PROP_CLIENT_VERSION', protocolVersionName(CURRENT_VERSION)],
    ])
    return answer({ body: encodeConsumerRunningInfo({ ...info, properties }) })
  }

  async #consumeDirectly(
    group: string,
    given: { brokerName: string | undefined; body: Buffer | undefined },
  ): Promise<Answer> {
    const consumer = this.#options.consumerOf(group)
    if (consumer?.consumeMessageDirectly === undefined) return unknownGroup(group)
    const message = readRecord(given.body ?? Buffer.alloc(0))
    const result = await consumer.consumeMessageDirectly(message, given.brokerName ?? '')
    return answer({ body: encodeConsumeMessageDirectlyResult(result) })
  }
}

function unknownGroup(group: string): Answer {
  return answer({
    code: ResponseCode.SYSTEM_ERROR,
    remark: `The Consumer Group <${group}> not exist in this consumer`,
  })
}
