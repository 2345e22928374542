import {
  createRequest,
  encodeHeartbeatData,
  Heartbeat,
  type HeartbeatData,
  javaStringHash,
  type Logger,
  type RemotingClient,
  ResponseCode,
  type ResponseOf,
} from '@mq/remoting'
import type { BrokerAddress, BrokerAddresses } from '../routes/broker-addresses.js'

/** What a heartbeat says besides the client's id: who lives in this client. */
export type HeartbeatMembers = Pick<HeartbeatData, 'producerDataSet' | 'consumerDataSet'>

/** What {@link HeartbeatService} is made with. */
export interface HeartbeatServiceOptions {
  readonly clientId: string
  readonly remoting: RemotingClient
  readonly brokers: BrokerAddresses
  readonly logger: Logger
  readonly timeoutMs: number
  readonly useHeartbeatV2: boolean
  /** Everyone registered now. */
  members(): HeartbeatMembers
}

const masterId = 0

/**
 * Tells brokers who lives in this client. One round runs at a time; one that is due meanwhile is skipped.
 * Java: sendHeartbeatToAllBrokerWithLock, sendHeartbeatToBroker of MQClientInstance.
 */
export class HeartbeatService {
  readonly #options: HeartbeatServiceOptions
  /** By address, the fingerprint whose subscriptions the broker has in full. Java: brokerSupportV2HeartbeatSet, …FingerprintTable. */
  readonly #fingerprints = new Map<string, number>()
  #round: Promise<boolean> | undefined
  /** One that waits for the round under way. */
  #announcement: Promise<void> | undefined

  constructor(options: HeartbeatServiceOptions) {
    this.#options = options
  }

  /** Sends to every known broker; to masters only while there is no consumer. Never rejects. */
  async sendToAllBrokers(): Promise<void> {
    await this.#exclusively(() => this.#options.brokers.all())
  }

  /** Sends to the brokers at this address, which has just been connected to; tells whether one took it. Never rejects. */
  sendToAddress(address: string): Promise<boolean> {
    return this.#exclusively(() => this.#options.brokers.withAddress(address))
  }

  /**
   * Sends a full heartbeat to every known broker, as after a change of subscriptions; one under way, which tells the state before
   * the change, is waited for. Never rejects. Java: sendHeartbeatToAllBrokerWithLockV2.
   */
  async announceToAllBrokers(): Promise<void> {
    if (this.#round !== undefined) {
      this.#announcement ??= this.#afterRound()
      return this.#announcement
    }
    this.#fingerprints.clear()
    await this.sendToAllBrokers()
  }

  /** Begins once the round under way has ended; whoever asks until then shares it. */
  async #afterRound(): Promise<void> {
    while (this.#round !== undefined) await this.#round
    this.#announcement = undefined
    await this.announceToAllBrokers()
  }

  /** Returns whether a heartbeat was sent and taken. */
  async #exclusively(targets: () => readonly BrokerAddress[]): Promise<boolean> {
    if (this.#round !== undefined) return false
    this.#round = this.#sendTo(targets)
    try {
      return await this.#round
    } finally {
      this.#round = undefined
    }
  }

  async #sendTo(targets: () => readonly BrokerAddress[]): Promise<boolean> {
    const members = this.#options.members()
    if (members.producerDataSet.length === 0 && members.consumerDataSet.length === 0) return false
    const brokers = targets().filter(({ brokerId }) => brokerId === masterId || members.consumerDataSet.length > 0)
    const taken = await Promise.all(brokers.map((broker) => this.#send(broker, members)))
    return taken.includes(true)
  }

  async #send(broker: BrokerAddress, members: HeartbeatMembers): Promise<boolean> {
    const { remoting, logger, timeoutMs, useHeartbeatV2 } = this.#options
    try {
      const fingerprint = useHeartbeatV2 ? heartbeatFingerprint(members) : 0
      const body = encodeHeartbeatData(this.#dataFor(broker, members, fingerprint))
      const response = await remoting.invokeSync(broker.address, createRequest(Heartbeat, {}, { body }), { timeoutMs })
      if (response.code !== ResponseCode.SUCCESS) {
        logger.warn('a broker refused a heartbeat', { ...broker, responseCode: response.code, remark: response.remark })
        return false
      }
      this.#options.brokers.setVersion(broker, response.version)
      if (useHeartbeatV2)
        this.#remember(broker.address, fingerprint, Heartbeat.responseHeader.decode(response.extFields))
      return true
    } catch (cause) {
      logger.warn('a heartbeat failed', { ...broker, cause })
      return false
    }
  }

  #dataFor(broker: BrokerAddress, members: HeartbeatMembers, fingerprint: number): HeartbeatData {
    const full = { ...members, clientID: this.#options.clientId, heartbeatFingerprint: fingerprint }
    const isKnown = fingerprint !== 0 && this.#fingerprints.get(broker.address) === fingerprint
    if (!isKnown) return { ...full, withoutSub: false }
    const consumerDataSet = members.consumerDataSet.map((consumer) => ({ ...consumer, subscriptionDataSet: [] }))
    return { ...full, consumerDataSet, withoutSub: true }
  }

  #remember(address: string, fingerprint: number, answer: ResponseOf<typeof Heartbeat>): void {
    const knowsSubscriptions = answer.isSupportHeartBeatV2 === true && answer.isSubChange === false
    if (knowsSubscriptions) this.#fingerprints.set(address, fingerprint)
    else this.#fingerprints.delete(address)
  }
}

/**
 * The number that is equal for equal members: Java's hash of the canonical JSON with everything that differs between two
 * heartbeats of the same members left out. Java: HeartbeatData#computeHeartbeatFingerprint.
 */
export function heartbeatFingerprint(members: HeartbeatMembers): number {
  const consumerDataSet = members.consumerDataSet.map((consumer) => ({
    ...consumer,
    subscriptionDataSet: consumer.subscriptionDataSet.map((subscription) => ({ ...subscription, subVersion: 0 })),
  }))
  const canonical = { ...members, consumerDataSet, clientID: '', heartbeatFingerprint: 0, withoutSub: false }
  return javaStringHash(encodeHeartbeatData(canonical).toString('utf8'))
}
