import { NameServer } from '@mq/namesrv'
import { deadLetterTopic, RemotingClient, retryTopic, type Runtime } from '@mq/remoting'
import type { MessageStore } from '@mq/store'
import { EmbeddedBroker } from './embedded-broker.js'
import { TestBrokerError } from './errors.js'
import { type SendFault, type SendFaultOptions, SendFaults } from './faults/send-faults.js'
import { MessageInspector } from './messages/message-inspector.js'
import type { StoredMessage } from './messages/stored-message.js'
import type { MessageSelection } from './messages/topic-reader.js'
import { RequestWatch } from './network/request-watch.js'
import { type ConsumerProgress, ProgressInspector } from './progress/consumer-progress.js'
import { GroupOffsets } from './progress/group-offsets.js'
import { PullRecord } from './progress/pull-record.js'
import { openStorage, type Storage } from './storage/storage.js'
import { type ResolvedOptions, resolveOptions, resolveTopic } from './test-broker-options.js'
import type { TestBrokerOptions, TopicOptions } from './test-broker-options.js'
import { type Duration, durationMs } from './time/duration.js'
import { TestWorld } from './time/test-world.js'
import { Topics } from './topics.js'
import type { WaitOptions } from './waiting.js'

const DEFAULT_QUIET_MS = 3

/** How far `advance` waits for others. */
export interface AdvanceOptions {
  /**
   * Real milliseconds without traffic after which a step is over. Raise it above the time that listeners take for a message, so
   * that their retries count from the right moment. Default 3.
   */
  readonly quietMs?: number
}

/**
 * A name server and a broker of this process, on real sockets and free ports, for tests of programs that use them. Time of the
 * broker passes as it does for everyone, and faster on demand. Made by {@link startTestBroker}.
 */
export class TestBroker implements AsyncDisposable {
  readonly #options: ResolvedOptions
  readonly #world: TestWorld
  readonly #nameServer: NameServer
  readonly #remoting: RemotingClient
  readonly #faults = new SendFaults()
  readonly #pulls = new PullRecord()
  readonly #topics: Topics
  readonly #messages: MessageInspector
  readonly #progress: ProgressInspector
  /** What `reset` makes again. */
  readonly #madeTopics = new Map<string, Required<TopicOptions>>()
  #storage: Storage
  #running: EmbeddedBroker | undefined
  #port = 0
  /** The last of the changes between running and stopped, which happen one after another. */
  #change: Promise<void> = Promise.resolve()
  #isClosed = false

  private constructor(options: ResolvedOptions, world: TestWorld, nameServer: NameServer) {
    this.#options = options
    this.#world = world
    this.#nameServer = nameServer
    this.#remoting = new RemotingClient()
    this.#storage = openStorage(options, world)
    this.#topics = new Topics(this.#remoting, () => this.address)
    const store = (): MessageStore => this.#embedded.store
    const shared = { store, topics: this.#topics, world }
    this.#messages = new MessageInspector(shared)
    const offsets = new GroupOffsets(this.#remoting, () => this.address)
    this.#progress = new ProgressInspector({ ...shared, offsets, pulls: this.#pulls })
    for (const topic of options.topics) this.#madeTopics.set(topic.name, topic)
  }

  /** See {@link startTestBroker}. */
  static async start(options: TestBrokerOptions): Promise<TestBroker> {
    const resolved = resolveOptions(options)
    const world = new TestWorld()
    const { logger } = resolved
    const nameServer = await NameServer.start({ listenPort: 0, runtime: world.nameServer, ...(logger && { logger }) })
    const testBroker = new TestBroker(resolved, world, nameServer)
    try {
      await testBroker.start()
    } catch (error) {
      await testBroker.close()
      throw error
    }
    return testBroker
  }

  /** What producers and consumers take as `namesrvAddr`. */
  get namesrvAddr(): string {
    return this.#nameServer.address
  }

  /** host:port of the broker; the same after a restart. */
  get address(): string {
    return this.#embedded.broker.address
  }

  get brokerName(): string {
    return this.#embedded.broker.brokerName
  }

  /**
   * For clients whose own time shall pass with `advance` too: `new DefaultMQPushConsumer({ …, runtime: broker.runtime })`. Clients
   * without it live in real time and get along with a broker that leaps.
   */
  get runtime(): Runtime {
    return this.#world.client
  }

  /** Milliseconds since the epoch by the broker's clock: what store timestamps are taken from. */
  now(): number {
    return this.#world.time.now()
  }

  /**
   * Lets time pass without waiting for it. Delayed messages are delivered, retries made and long polls answered, each in its
   * turn; when it settles, whatever was due can be read.
   * @throws TestBrokerError TEST_BROKER_ARGUMENT for no duration.
   */
  async advance(duration: Duration, { quietMs = DEFAULT_QUIET_MS }: AdvanceOptions = {}): Promise<void> {
    this.#assertOpen()
    await this.#world.timeMachine.advance(durationMs(duration), quietMs)
  }

  /** Makes a topic; when it settles clients find it. @throws what the broker refuses with, such as an illegal name. */
  async createTopic(name: string, options: Omit<TopicOptions, 'name'> = {}): Promise<void> {
    const topic = resolveTopic({ ...options, name })
    await this.#topics.create([topic])
    this.#madeTopics.set(name, topic)
  }

  /** What there is in a topic, in the order in which it was stored; nothing for a topic that does not exist. */
  messages(topic: string, selection: MessageSelection = {}): Promise<StoredMessage[]> {
    return this.#messages.read(topic, selection)
  }

  /**
   * Waits in real time until there are `count` messages or more, and answers all there are.
   * @throws TestBrokerError TEST_BROKER_WAIT that tells what is there instead.
   */
  waitForMessages(
    topic: string,
    count: number,
    options: MessageSelection & WaitOptions = {},
  ): Promise<StoredMessage[]> {
    return this.#messages.waitFor(topic, count, options)
  }

  /** Every delivery to a group that is to be made again, or was: messages of %RETRY%group. */
  retries(group: string): Promise<StoredMessage[]> {
    return this.messages(retryTopic(group))
  }

  /** What a group has given up: messages of %DLQ%group. */
  deadLetters(group: string): Promise<StoredMessage[]> {
    return this.messages(deadLetterTopic(group))
  }

  /** Where a group is in each queue of a topic. */
  consumerProgress(group: string, topic: string): Promise<ConsumerProgress> {
    return this.#progress.of(group, topic)
  }

  /** How many messages of a topic a group has behind it. */
  async consumed(group: string, topic: string): Promise<number> {
    return (await this.consumerProgress(group, topic)).consumed
  }

  /** How many messages of a topic a group has in front of it. */
  async lag(group: string, topic: string): Promise<number> {
    return (await this.consumerProgress(group, topic)).lag
  }

  /**
   * Waits in real time until members of a group have pulled from every queue of a topic since the broker was started: what is sent
   * or advanced from then on finds them ready.
   * @throws TestBrokerError TEST_BROKER_WAIT that tells which queues nobody pulls from.
   */
  waitForConsumers(group: string, topic: string, options: WaitOptions = {}): Promise<void> {
    return this.#progress.waitForConsumers(group, topic, options)
  }

  /**
   * Waits in real time until a group has nothing of a topic in front of it. Messages that failed are behind it as well: see
   * `retries` and `deadLetters`.
   * @throws TestBrokerError TEST_BROKER_WAIT that tells where the group is.
   */
  waitUntilConsumed(group: string, topic: string, options: WaitOptions = {}): Promise<ConsumerProgress> {
    return this.#progress.waitUntilConsumed(group, topic, options)
  }

  /**
   * Answers the next sends with something else than success: `failSends({ answer: 'SYSTEM_BUSY', times: 2 })`.
   * @throws TestBrokerError TEST_BROKER_ARGUMENT for an answer that does not exist.
   */
  failSends(options: SendFaultOptions): SendFault {
    return this.#faults.add(options)
  }

  /** Reads nothing from clients any more, as if the broker's process had been stopped: their requests time out. */
  pause(): void {
    this.#world.brokerNetwork.hold()
  }

  /** Reads again; requests made meanwhile are answered, though nobody may wait any more. */
  resume(): void {
    this.#world.brokerNetwork.release()
  }

  /** Cuts every connection to the broker; it goes on listening. */
  disconnectClients(): void {
    this.#world.brokerNetwork.cut()
  }

  /** Closes the broker as an operator would; name server, port, messages and offsets stay. Does nothing when it is stopped. */
  stop(): Promise<void> {
    return this.#changing(() => this.#stop())
  }

  /** Starts the broker again on the same address with what it had. Does nothing when it runs. */
  start(): Promise<void> {
    return this.#changing(() => this.#start())
  }

  /** `stop` and `start`. */
  restart(): Promise<void> {
    return this.#changing(async () => {
      await this.#stop()
      await this.#start()
    })
  }

  /**
   * Begins anew between two tests, in milliseconds: the broker restarts on the same address with an empty store, its topics as
   * given at the start or to `createTopic`, without offsets, groups and faults. Time stays advanced. Close clients before.
   */
  reset(): Promise<void> {
    return this.#changing(async () => {
      await this.#stop()
      await this.#storage.remove()
      this.#storage = openStorage(this.#options, this.#world)
      this.#faults.clear()
      await this.#start()
    })
  }

  /** Ends broker and name server and leaves no files. May be called again. */
  async close(): Promise<void> {
    this.#isClosed = true
    await this.#change
    const steps = [() => this.#stop(), () => this.#remoting.close(), () => this.#nameServer.close()]
    await inTurn([...steps, () => this.#storage.remove()])
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  get #embedded(): EmbeddedBroker {
    if (this.#running !== undefined) return this.#running
    const message = this.#isClosed ? 'the test broker is closed' : 'the test broker is stopped: call start() first'
    throw new TestBrokerError('TEST_BROKER_STOPPED', message)
  }

  #assertOpen(): void {
    if (this.#isClosed) throw new TestBrokerError('TEST_BROKER_STOPPED', 'the test broker is closed')
  }

  #changing(change: () => Promise<void>): Promise<void> {
    const changed = this.#change.then(() => {
      this.#assertOpen()
      return change()
    })
    this.#change = changed.catch(() => {
      // Its caller hears of it; the next change is not to blame.
    })
    return changed
  }

  async #start(): Promise<void> {
    if (this.#running !== undefined) return
    this.resume()
    this.#pulls.clear()
    const { broker, store } = this.#world
    this.#running = await EmbeddedBroker.start({
      broker: this.#options.broker,
      storage: this.#storage,
      runtime: broker,
      storeRuntime: store,
      namesrvAddr: this.namesrvAddr,
      port: this.#port,
      faults: this.#faults,
      logger: this.#options.logger,
      requestWatch: new RequestWatch({
        activity: this.#world.activity,
        onPull: (queue) => this.#pulls.add(queue),
      }),
    })
    this.#port = this.#running.port
    await this.#topics.create([...this.#madeTopics.values()])
  }

  async #stop(): Promise<void> {
    const running = this.#running
    this.#running = undefined
    // Held connections would keep requests from ending.
    this.resume()
    await running?.close()
  }
}

/**
 * Starts a name server and a broker in this process, ready to be used:
 * `await using broker = await startTestBroker({ topics: ['Orders'] })`.
 * @throws TestBrokerError TEST_BROKER_ARGUMENT or BrokerConfigError for an option that cannot be used.
 */
export function startTestBroker(options: TestBrokerOptions = {}): Promise<TestBroker> {
  return TestBroker.start(options)
}

/** Takes every step, whatever becomes of the others; rejects with the first failure. */
async function inTurn(steps: readonly (() => Promise<void>)[]): Promise<void> {
  const failures: unknown[] = []
  for (const step of steps) await step().catch((error: unknown) => void failures.push(error))
  if (failures.length > 0) throw failures[0]
}
