import {
  type ConsumerData,
  ConsumerSendMsgBack,
  createRequest,
  encodeHeartbeatData,
  Heartbeat,
  UpdateConsumerOffset,
  encodeProperties,
  RemotingClient,
  type RemotingCommand,
  SendMessage,
  type SendMessageRequest,
} from '@mq/remoting'
import type { StoredMessage, TestBroker } from '../src/index.js'

/** A client that speaks the protocol word for word, in real time. */
export class RawClient implements AsyncDisposable {
  readonly remoting = new RemotingClient()
  readonly #broker: TestBroker

  constructor(broker: TestBroker) {
    this.#broker = broker
  }

  /** Sends one message and answers the response, whatever its code. */
  send(
    topic: string,
    body: string,
    options: {
      readonly properties?: Readonly<Record<string, string>>
      readonly queueId?: number
      readonly timeoutMs?: number
    } = {},
  ): Promise<RemotingCommand> {
    const { properties = {}, queueId = 0, timeoutMs = 3000 } = options
    const header: SendMessageRequest = {
      producerGroup: 'raw',
      topic,
      defaultTopic: 'TBW102',
      defaultTopicQueueNums: 4,
      queueId,
      sysFlag: 0,
      bornTimestamp: this.#broker.now(),
      flag: 0,
      properties: encodeProperties(new Map(Object.entries(properties))),
      reconsumeTimes: 0,
    }
    const request = createRequest(SendMessage, header, { body: Buffer.from(body) })
    return this.remoting.invokeSync(this.#broker.address, request, { timeoutMs })
  }

  /** Becomes a member of a group; without one the broker does not know the group. */
  async join(groupName: string): Promise<void> {
    const consumer: ConsumerData = {
      groupName,
      consumeType: 'CONSUME_PASSIVELY',
      messageModel: 'CLUSTERING',
      consumeFromWhere: 'CONSUME_FROM_FIRST_OFFSET',
      subscriptionDataSet: [],
      unitMode: false,
    }
    const members = { clientID: 'raw@1', producerDataSet: [], consumerDataSet: [consumer] }
    const body = encodeHeartbeatData({ ...members, heartbeatFingerprint: 0, withoutSub: false })
    await this.remoting.invoke(this.#broker.address, Heartbeat, {}, { body, timeoutMs: 3000 })
  }

  /** Tells the broker where a group is. */
  async commit(
    consumerGroup: string,
    { offset: commitOffset, ...queue }: { readonly topic: string; readonly queueId: number; readonly offset: number },
  ): Promise<void> {
    const header = { consumerGroup, commitOffset, ...queue }
    await this.remoting.invoke(this.#broker.address, UpdateConsumerOffset, header, { timeoutMs: 3000 })
  }

  /** Gives a message back that a group could not handle. */
  async giveBack(
    group: string,
    { messageExt }: StoredMessage,
    options: { readonly maxReconsumeTimes: number },
  ): Promise<void> {
    const { physicalOffset: offset, offsetMsgId: originMsgId, topic: originTopic } = messageExt
    const header = { offset, group, delayLevel: 0, originMsgId, originTopic, ...options }
    await this.remoting.invoke(this.#broker.address, ConsumerSendMsgBack, header, { timeoutMs: 3000 })
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.remoting.close()
  }
}
