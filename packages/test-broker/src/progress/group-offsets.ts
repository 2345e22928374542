import {
  decodeConsumerList,
  decodeConsumerOffsetTable,
  decodeConsumerRunningInfo,
  GetAllConsumerOffset,
  GetConsumerListByGroup,
  GetConsumerRunningInfo,
  type RemotingClient,
} from '@mq/remoting'

const TIMEOUT_MS = 10_000
/** For what a client does not answer. */
const CLIENT_TIMEOUT_MS = 1000

/** Finds out where groups are: by what they have committed, and by what their members say, who commit only now and then. */
export class GroupOffsets {
  readonly #remoting: RemotingClient
  readonly #address: () => string

  constructor(remoting: RemotingClient, address: () => string) {
    this.#remoting = remoting
    this.#address = address
  }

  /** The next message a group consumes, by queue; queues of which nobody tells are left out. */
  async of(group: string, topic: string): Promise<ReadonlyMap<number, number>> {
    const [committed, ...told] = await Promise.all([
      this.#committed(group, topic),
      ...(await this.#members(group)).map((clientId) => this.#toldBy(clientId, group, topic)),
    ])
    const offsets = new Map(committed)
    for (const [queueId, offset] of told.flatMap((entries) => [...entries])) {
      offsets.set(queueId, Math.max(offset, offsets.get(queueId) ?? 0))
    }
    return offsets
  }

  async #committed(group: string, topic: string): Promise<ReadonlyMap<number, number>> {
    const options = { timeoutMs: TIMEOUT_MS }
    const { body } = await this.#remoting.invoke(this.#address(), GetAllConsumerOffset, {}, options)
    if (body === undefined) return new Map()
    return decodeConsumerOffsetTable(body).offsetTable.get(`${topic}@${group}`) ?? new Map<number, number>()
  }

  async #members(consumerGroup: string): Promise<readonly string[]> {
    try {
      const options = { timeoutMs: TIMEOUT_MS }
      const { body } = await this.#remoting.invoke(this.#address(), GetConsumerListByGroup, { consumerGroup }, options)
      return body === undefined ? [] : decodeConsumerList(body).consumerIdList
    } catch {
      // A group without members is answered with an error.
      return []
    }
  }

  async #toldBy(clientId: string, consumerGroup: string, topic: string): Promise<ReadonlyMap<number, number>> {
    try {
      const header = { consumerGroup, clientId, jstackEnable: false }
      const options = { timeoutMs: CLIENT_TIMEOUT_MS }
      const { body } = await this.#remoting.invoke(this.#address(), GetConsumerRunningInfo, header, options)
      const rows = body === undefined ? [] : decodeConsumerRunningInfo(body).mqTable
      const known = rows.filter(({ messageQueue, info }) => messageQueue.topic === topic && info.commitOffset >= 0)
      return new Map(known.map(({ messageQueue, info }) => [messageQueue.queueId, info.commitOffset]))
    } catch {
      // A client that does not tell, because it cannot or is going, is known by what it has committed.
      return new Map()
    }
  }
}
