import type {
  Answer,
  Command,
  HandlerTable,
  Logger,
  QueueOffset,
  RequestContext,
  RequestInput,
  RequestOf,
} from '@mq/remoting'
import {
  answer,
  ConsumeMessageDirectly,
  createRequest,
  decodeConsumerStatusBody,
  decodeOffsetMessageId,
  encodeConsumerStatusBody,
  GetConsumerRunningInfo,
  GetConsumerStatusFromClient,
  InvokeBrokerToGetConsumerStatus,
  MqError,
  protocolVersionName,
  ResponseCode,
} from '@mq/remoting'
import type { MessageStore } from '@mq/store'
import type { BrokerConfig } from '../configuration/broker-config.js'
import type { SubscriptionGroupManager } from '../subscription-groups/subscription-group-manager.js'
import type { TopicConfigManager } from '../topics/topic-config-manager.js'
import type { ClientChannel } from './client-channel.js'
import type { ConsumerManager } from './consumer-manager.js'

/** Milliseconds a client has to answer what is passed on to it. Java: Broker2Client#callClient. */
const CALL_MS = 10_000
/** Milliseconds a client has to say where it is. Java: Broker2Client#getConsumeStatus. */
const STATUS_MS = 5000
/** The first protocol version whose clients can be asked where they are: V3_0_7_SNAPSHOT. */
const VERSION_WITH_STATUS = 28
/** The first protocol version whose clients answer the rest: V3_1_8_SNAPSHOT. */
const VERSION_WITH_RUNNING_INFO = 62

/** What a ClientRelay works with. */
export interface ClientRelayOptions {
  readonly config: BrokerConfig
  readonly consumers: ConsumerManager
  readonly topics: TopicConfigManager
  readonly groups: SubscriptionGroupManager
  readonly store: MessageStore
  readonly logger: Logger
}

/** What is passed on to one client. */
interface Relayed<C extends Command> {
  readonly command: C
  readonly header: RequestInput<C>
  readonly extFields: Readonly<Record<string, string>> | undefined
  readonly body?: Buffer
}

/** Passes questions of administrators on to a client, over the connection it has made. Java: AdminBrokerProcessor#callConsumer, Broker2Client. */
export class ClientRelay {
  readonly #options: ClientRelayOptions

  constructor(options: ClientRelayOptions) {
    this.#options = options
  }

  /** Serves the commands that clients answer. */
  register(handlers: HandlerTable): void {
    const limits = { maxPending: this.#options.config.adminBrokerThreadPoolQueueCapacity }
    handlers.on(
      GetConsumerRunningInfo,
      (header, { command: { extFields } }) => {
        const { consumerGroup, clientId } = header
        return this.#call({ consumerGroup, clientId }, { command: GetConsumerRunningInfo, header, extFields })
      },
      limits,
    )
    handlers.on(ConsumeMessageDirectly, (header, context) => this.#consumeDirectly(header, context), limits)
    handlers.on(InvokeBrokerToGetConsumerStatus, (header) => this.#status(header), limits)
  }

  async #consumeDirectly(
    header: RequestOf<typeof ConsumeMessageDirectly>,
    { command: { extFields } }: RequestContext,
  ): Promise<Answer> {
    const { config, topics, groups, store } = this.#options
    const { consumerGroup, clientId, msgId = '', topic } = header
    // Throws for what is no offset message id, which is the answer then.
    const body = await store.selectOneMessageByOffset(decodeOffsetMessageId(msgId).physicalOffset)
    if (body === undefined) return failed(`this broker has no message ${msgId}: ask the broker that its id names`)
    const added = {
      brokerName: config.brokerName,
      topicSysFlag: topic === undefined ? undefined : topics.select(topic)?.topicSysFlag,
      groupSysFlag: groups.find(consumerGroup)?.groupSysFlag,
    }
    const known = Object.fromEntries(Object.entries(added).filter(([, value]) => value !== undefined))
    const command = ConsumeMessageDirectly
    return this.#call({ consumerGroup, clientId }, { command, header: { ...header, ...known }, extFields, body })
  }

  /** Answers what the client answers. */
  async #call<C extends Command>(
    { consumerGroup, clientId }: { readonly consumerGroup: string; readonly clientId: string | undefined },
    { command, header, extFields, body }: Relayed<C>,
  ): Promise<Answer> {
    const client = this.#options.consumers.members(consumerGroup).find((member) => member.clientId === clientId)
    if (client === undefined) return failed(`The Consumer <${consumerGroup}> <${clientId}> not online`)
    if (client.version < VERSION_WITH_RUNNING_INFO) {
      const version = protocolVersionName(client.version)
      const remark = `The Consumer <${clientId}> Version <${version}> too low to finish, please upgrade it to V3_1_8_SNAPSHOT`
      return failed(remark)
    }
    try {
      const request = createRequest(command, header, { body, extFields })
      const response = await client.connection.invoke(request, { timeoutMs: CALL_MS })
      const { code, remark, extFields: fields } = response
      return answer({ code, remark, extFields: fields, body: response.body })
    } catch (error) {
      if (!MqError.is(error)) throw error
      const isTimeout = error.code === 'REMOTING_TIMEOUT'
      const code = isTimeout ? ResponseCode.CONSUME_MSG_TIMEOUT : ResponseCode.SYSTEM_ERROR
      const what = isTimeout ? 'consumer' : 'invoke consumer'
      return answer({ code, remark: `${what} <${consumerGroup}> <${clientId}>: ${error.message}` })
    }
  }

  /** Asks all clients of a group, or one, at once; those that do not answer are left out. */
  async #status(header: RequestOf<typeof InvokeBrokerToGetConsumerStatus>): Promise<Answer> {
    const { group, clientAddr } = header
    const members = this.#options.consumers.members(group)
    if (members.length === 0) return failed(`No Any Consumer online in the consumer group: [${group}]`)
    const tooOld = members.find(({ version }) => version < VERSION_WITH_STATUS)
    if (tooOld !== undefined) {
      return failed(`the client does not support this feature. version=${protocolVersionName(tooOld.version)}`)
    }
    const asked = members.filter(({ clientId }) => !clientAddr?.trim() || clientId === clientAddr)
    const answers = await Promise.all(asked.map((member) => this.#statusOf(member, header)))
    const rows = answers.filter((row): row is ClientStatus => row !== undefined)
    return answer({ body: encodeConsumerStatusBody({ messageQueueTable: [], consumerTable: new Map(rows) }) })
  }

  async #statusOf(
    { connection, clientId }: ClientChannel,
    { topic, group }: RequestOf<typeof InvokeBrokerToGetConsumerStatus>,
  ): Promise<ClientStatus | undefined> {
    try {
      const request = createRequest(GetConsumerStatusFromClient, { topic, group })
      const { code, body } = await connection.invoke(request, { timeoutMs: STATUS_MS })
      if (code !== ResponseCode.SUCCESS || body === undefined) return undefined
      return [clientId, decodeConsumerStatusBody(body).messageQueueTable]
    } catch (error) {
      this.#options.logger.warn('a client did not say where it is', { group, topic, clientId, error })
      return undefined
    }
  }
}

/** A client id and where it is. */
type ClientStatus = readonly [string, readonly QueueOffset[]]

function failed(remark: string): Answer {
  return answer({ code: ResponseCode.SYSTEM_ERROR, remark })
}
