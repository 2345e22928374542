import type { Clock, Timer, Timers } from '@mq/remoting'
import type { MessageStore } from '@mq/store'
import type { ConsumerManager } from '../clients/consumer-manager.js'
import type { BrokerConfig } from '../configuration/broker-config.js'
import type { ConsumerOffsetManager } from './consumer-offset-manager.js'
import type { QueueOfGroup } from './offset-table.js'
import { isStartInMemory } from './start-in-memory.js'

const SCAN_MS = 5000

/** What a BroadcastOffsetManager works with. */
export interface BroadcastOffsetManagerOptions {
  readonly config: BrokerConfig
  readonly clock: Clock
  readonly timers: Timers
  readonly store: MessageStore
  readonly consumers: ConsumerManager
  readonly offsets: ConsumerOffsetManager
}

/** A client that reads a queue by broadcasting. */
export interface BroadcastReader extends QueueOfGroup {
  readonly clientId: string
  /** Whether it pulls itself or through a proxy, which keeps no offsets. */
  readonly source: 'client' | 'proxy'
}

interface ClientOffsets {
  updatedMs: number
  source: BroadcastReader['source']
  /** By queue. */
  readonly offsets: Map<number, number>
}

interface GroupOffsets {
  readonly topic: string
  readonly group: string
  readonly clients: Map<string, ClientOffsets>
}

/**
 * How far each client of a broadcasting group has pulled, so that one that changes between a broker and a proxy goes on where it
 * was. The lowest offset is kept as that of the group `group@broadcast`. Java: BroadcastOffsetManager.
 */
export class BroadcastOffsetManager {
  readonly #options: BroadcastOffsetManagerOptions
  readonly #groups = new Map<string, GroupOffsets>()
  readonly #scanner: Timer
  #clients = 0

  constructor(options: BroadcastOffsetManagerOptions) {
    this.#options = options
    this.#scanner = options.timers.every(SCAN_MS, () => this.#scan())
  }

  /** A client pulled from an offset. Beyond `maxClientNums` clients further ones are not remembered. */
  update(reader: BroadcastReader, offset: number): void {
    const client = this.#clientOf(reader)
    if (client === undefined) return
    client.updatedMs = this.#options.clock.monotonic()
    client.source = reader.source
    client.offsets.set(reader.queueId, Math.max(offset, client.offsets.get(reader.queueId) ?? 0))
  }

  /** Where a client that asks from `offset` has to begin; undefined when it knows itself. Java: queryInitOffset. */
  async initOffset(reader: BroadcastReader, offset: number): Promise<number | undefined> {
    const asksWhere = reader.source === 'proxy' && offset < 0
    const known = this.#groups.get(keyOf(reader))?.clients.get(reader.clientId)
    if (!asksWhere && (known === undefined || known.source === reader.source)) return undefined
    const { store, offsets } = this.#options
    const { topic, queueId } = reader
    const pulled =
      known?.offsets.get(queueId) ?? offsets.queryOffset({ ...reader, group: broadcastGroup(reader.group) })
    if (pulled !== undefined && pulled >= 0) return pulled
    return (await isStartInMemory(store, reader)) ? 0 : store.getMaxOffsetInQueue(topic, queueId)
  }

  #clientOf(reader: BroadcastReader): ClientOffsets | undefined {
    const { topic, group, clientId, source } = reader
    const key = keyOf(reader)
    const known = this.#groups.get(key)?.clients.get(clientId)
    if (known !== undefined) return known
    if (this.#clients >= this.#options.config.maxClientNums) return undefined
    const groupOffsets = this.#groups.get(key) ?? { topic, group, clients: new Map<string, ClientOffsets>() }
    this.#groups.set(key, groupOffsets)
    const client: ClientOffsets = { updatedMs: 0, source, offsets: new Map() }
    groupOffsets.clients.set(clientId, client)
    this.#clients++
    return client
  }

  #scan(): void {
    for (const [key, groupOffsets] of this.#groups) {
      this.#commitLowest(groupOffsets)
      this.#forgetExpired(groupOffsets)
      if (groupOffsets.clients.size === 0) this.#groups.delete(key)
    }
  }

  #commitLowest({ topic, group, clients }: GroupOffsets): void {
    const lowest = new Map<number, number>()
    for (const client of clients.values()) {
      for (const [queueId, offset] of client.offsets) {
        lowest.set(queueId, Math.min(offset, lowest.get(queueId) ?? offset))
      }
    }
    for (const [queueId, offset] of lowest) {
      this.#options.offsets.commitOffset({ group: broadcastGroup(group), topic, queueId }, offset)
    }
  }

  #forgetExpired({ group, clients }: GroupOffsets): void {
    const { config, clock, consumers } = this.#options
    const online = new Set(consumers.members(group).map(({ clientId }) => clientId))
    for (const [clientId, { updatedMs }] of clients) {
      const { broadcastOffsetExpireMaxSecond, broadcastOffsetExpireSecond } = config
      const seconds = online.has(clientId) ? broadcastOffsetExpireMaxSecond : broadcastOffsetExpireSecond
      if (clock.monotonic() - updatedMs < seconds * 1000) continue
      clients.delete(clientId)
      this.#clients--
    }
  }

  /** Stops looking for expired clients. */
  close(): void {
    this.#scanner.cancel()
  }
}

function keyOf({ topic, group }: QueueOfGroup): string {
  return `${topic}@${group}`
}

function broadcastGroup(group: string): string {
  return `${group}@broadcast`
}
