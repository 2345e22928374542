import {
  createRequest,
  encodeProperties,
  RemotingClient,
  type RemotingCommand,
  SendMessage,
  type SendMessageRequest,
} from '@mq/remoting'
import type { TestBroker } from '../src/index.js'

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

  [Symbol.asyncDispose](): Promise<void> {
    return this.remoting.close()
  }
}
