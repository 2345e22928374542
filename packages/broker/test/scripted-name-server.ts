import {
  answer,
  type Connection,
  type DataVersion,
  decodeDataVersion,
  decodeRegisterBrokerBody,
  encodeDataVersion,
  encodeKVTable,
  QueryDataVersion,
  RegisterBroker,
  RemotingServer,
  type RequestContext,
  ResponseCode,
  ResponseError,
  type Runtime,
  type TopicConfig,
  UnregisterBroker,
} from '@mq/remoting'

/** A registration as it arrived. */
export interface Registration {
  readonly topics: ReadonlyMap<string, TopicConfig>
  readonly dataVersion: DataVersion
  readonly header: object
  readonly atMs: number
}

/** A name server that knows what brokers tell it, forgets them when their connection closes, and remembers everything it heard. */
export class ScriptedNameServer {
  readonly registrations: Registration[] = []
  /** Data versions it was asked about. */
  readonly queried: DataVersion[] = []
  unregistrations = 0
  /** Topics it tells brokers are ordered. */
  orderTopics: ReadonlyMap<string, string> = new Map()
  /** While true, no request is answered. */
  isSilent = false
  /** Topics of the broker, empty while it is not known. */
  readonly topics = new Map<string, TopicConfig>()
  #dataVersion: DataVersion | undefined
  #server: RemotingServer | undefined
  readonly #runtime: Runtime
  readonly #host: string

  constructor(options: { readonly runtime: Runtime; readonly host: string }) {
    this.#runtime = options.runtime
    this.#host = options.host
  }

  static async started(options: { readonly runtime: Runtime; readonly host: string }): Promise<ScriptedNameServer> {
    const nameServer = new ScriptedNameServer(options)
    await nameServer.start()
    return nameServer
  }

  get address(): string {
    return `${this.#host}:9876`
  }

  async start(): Promise<void> {
    const server = new RemotingServer({ runtime: this.#runtime, host: this.#host, port: 9876 })
    server.handlers.on(RegisterBroker, (header, context) => this.#register(header, context))
    server.handlers.on(UnregisterBroker, () => {
      this.unregistrations += 1
      this.#forget()
      return this.#answer({})
    })
    server.handlers.on(QueryDataVersion, (_header, context) => {
      const asked = decodeDataVersion(context.body ?? Buffer.alloc(0))
      this.queried.push(asked)
      const known = this.#dataVersion
      const changed = known?.counter !== asked.counter
      return this.#answer({ header: { changed }, body: known && encodeDataVersion(known) })
    })
    server.onConnectionClosed(() => this.#forget())
    await server.start()
    this.#server = server
  }

  /** Ends the process, as seen from outside. */
  async stop(): Promise<void> {
    await this.#server?.close({ timeoutMs: 1 })
    this.#forget()
  }

  /** Cuts the connections of brokers; the server lives on. */
  disconnect(): void {
    for (const connection of this.#server?.connections ?? new Set<Connection>()) connection.close()
  }

  /** Forgets the broker, as after its expiry. */
  forget(): void {
    this.#forget()
  }

  #forget(): void {
    this.#dataVersion = undefined
    this.topics.clear()
  }

  #register(header: object, { body }: RequestContext): ReturnType<typeof answer> | Promise<never> {
    const { topicConfigSerializeWrapper: wrapper } = decodeRegisterBrokerBody(body ?? Buffer.alloc(0))
    const { topicConfigTable: topics, dataVersion } = wrapper
    this.registrations.push({ topics, dataVersion, header, atMs: this.#runtime.clock.monotonic() })
    if (this.isSilent) return new Promise(() => {})
    if (this.#dataVersion === undefined && topics.size === 1) {
      throw new ResponseError(ResponseCode.SYSTEM_ERROR, 'register broker failed')
    }
    this.#dataVersion = dataVersion
    for (const [name, topic] of topics) this.topics.set(name, topic)
    return this.orderTopics.size === 0 ? answer({}) : answer({ body: encodeKVTable({ table: this.orderTopics }) })
  }

  #answer(content: Parameters<typeof answer>[0]): ReturnType<typeof answer> | Promise<never> {
    return this.isSilent ? new Promise(() => {}) : answer(content)
  }
}
