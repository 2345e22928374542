import {
  type Answer,
  answer,
  createOffsetMessageId,
  decodeHeartbeatData,
  deferred,
  GetMaxOffset,
  Heartbeat,
  type HeartbeatData,
  parseHostAddress,
  RemotingServer,
  type RequestContext,
  type Runtime,
  SendBatchMessage,
  SendMessage,
  SendMessageV2,
  UnregisterClient,
} from '@mq/remoting'

/** What a scripted broker does with a send. */
export type Reply =
  | 'SEND_OK'
  /** Never answers. */
  | 'SILENCE'
  /** Closes the connection instead of answering. */
  | 'HANG_UP'
  /** Answers with this response code. */
  | { readonly code: number; readonly remark?: string }
  /** Answers SEND_OK after a while. */
  | { readonly delayMs: number }

/** A send as it arrived. */
export interface ReceivedSend {
  readonly code: number
  readonly opaque: number
  readonly isOneway: boolean
  /** extFields as they stood on the wire. */
  readonly fields: Readonly<Record<string, string>>
  readonly body: Buffer
  readonly language: number
  readonly version: number
}

/** Where a scripted broker lives. */
export interface ScriptedBrokerOptions {
  readonly brokerName: string
  readonly runtime: Runtime
  readonly host: string
  readonly port?: number
}

/** A broker that stores nothing and does with each send what the test says, over real frames. */
export class ScriptedBroker {
  readonly brokerName: string
  readonly sends: ReceivedSend[] = []
  readonly heartbeats: HeartbeatData[] = []
  readonly unregistered: string[] = []
  /** Ids of clients that took a consumer group out. */
  readonly leftConsumers = new Set<string>()
  /** Answers to heartbeats. */
  heartbeatAnswer: { isSupportHeartBeatV2: boolean; isSubChange: boolean } = {
    isSupportHeartBeatV2: true,
    isSubChange: true,
  }
  /** Answers questions for the end of a queue. */
  maxOffsetOf: (queue: { topic: string; queueId: number }) => number = () => this.#nextOffset
  readonly server: RemotingServer
  readonly #runtime: Runtime
  readonly #script: Reply[] = []
  #fallback: Reply = 'SEND_OK'
  #nextOffset = 0

  constructor(options: ScriptedBrokerOptions) {
    this.brokerName = options.brokerName
    this.#runtime = options.runtime
    this.server = new RemotingServer({ runtime: options.runtime, host: options.host, port: options.port ?? 0 })
  }

  get address(): string {
    const { host, port } = this.server.endpoint
    return `${host}:${port}`
  }

  /** Does these with the next sends, one each. */
  next(...replies: Reply[]): this {
    this.#script.push(...replies)
    return this
  }

  /** Does this with every send beyond those of {@link next}. */
  always(reply: Reply): this {
    this.#fallback = reply
    return this
  }

  async start(): Promise<this> {
    const { handlers } = this.server
    for (const command of [SendMessage, SendMessageV2, SendBatchMessage]) {
      handlers.on(command, ({ queueId, batch }, context) => this.#onSend({ queueId, batch: batch === true }, context))
    }
    handlers.on(Heartbeat, (_request, { body }) => {
      if (body !== undefined) this.heartbeats.push(decodeHeartbeatData(body))
      return this.heartbeatAnswer
    })
    handlers.on(UnregisterClient, ({ clientID, consumerGroup, producerGroup }) => {
      this.unregistered.push(producerGroup ?? consumerGroup ?? '')
      if (consumerGroup !== undefined) this.leftConsumers.add(clientID)
      return {}
    })
    handlers.on(GetMaxOffset, (queue) => ({ offset: this.maxOffsetOf(queue) }))
    await this.server.start()
    return this
  }

  async close(): Promise<void> {
    await this.server.close()
  }

  #onSend(request: { queueId: number; batch: boolean }, context: RequestContext): Answer | typeof deferred | undefined {
    const { command, body } = context
    this.sends.push({
      code: command.code,
      opaque: command.opaque,
      isOneway: command.isOneway,
      fields: { ...command.extFields },
      body: Buffer.from(body ?? []),
      language: command.language,
      version: command.version,
    })
    const reply = this.#script.shift() ?? this.#fallback
    if (reply === 'SILENCE') return deferred
    if (reply === 'HANG_UP') {
      context.connection.close()
      return deferred
    }
    if (reply === 'SEND_OK') return this.#stored(request)
    if ('delayMs' in reply) {
      this.#runtime.timers.after(reply.delayMs, () => context.reply(this.#stored(request)))
      return deferred
    }
    const isStored = [10, 11, 12].includes(reply.code)
    return isStored ? this.#stored(request, reply.code) : answer(reply)
  }

  #stored({ queueId }: { queueId: number }, code = 0): Answer {
    const queueOffset = this.#nextOffset++
    const msgId = createOffsetMessageId(parseHostAddress(this.address), queueOffset * 100)
    const header = { msgId, queueId, queueOffset }
    return answer({ code, header, extFields: { MSG_REGION: 'DefaultRegion', TRACE_ON: 'true' } })
  }
}
