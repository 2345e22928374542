import { setTimeout } from 'node:timers/promises'
import type { JavaMessage } from './java-reader.js'

export interface Queue {
  readonly topic: string
  readonly brokerName: string
  readonly queueId: number
}

interface ConsumerOptions {
  readonly group: string
  readonly topic: string
  /** Tags, written `a || b`; everything unless given. */
  readonly expression?: string
  /** Where a group without offsets begins; the first offset unless given. */
  readonly from?: 'FIRST_OFFSET' | 'LAST_OFFSET' | 'TIMESTAMP'
}

export interface PushOptions extends ConsumerOptions {
  readonly kind: 'concurrent' | 'orderly'
  /** Part of the client id; of its own unless given. */
  readonly name?: string
  /** For `from: 'TIMESTAMP'`: yyyyMMddHHmmss. */
  readonly timestamp?: string
  readonly model?: 'CLUSTERING' | 'BROADCASTING'
  readonly maxReconsumeTimes?: number
  readonly batchSize?: number
  /** How many deliveries of each message fail. */
  readonly failures?: number
  /** Only messages whose body begins so fail. */
  readonly failing?: string
  /** The delay level asked for when one fails. */
  readonly delayLevel?: number
}

export interface LiteOptions extends ConsumerOptions {
  readonly autoCommit?: boolean
  /** These queues are assigned; left out, the topic is subscribed. */
  readonly queueIds?: readonly number[]
}

export interface PullAnswer {
  readonly status: 'FOUND' | 'NO_NEW_MSG' | 'NO_MATCHED_MSG' | 'OFFSET_ILLEGAL'
  readonly nextBeginOffset: number
  readonly minOffset: number
  readonly maxOffset: number
  readonly messages: readonly JavaMessage[]
}

/** A push consumer that keeps what it is delivered. */
export interface PushConsumer {
  /** All deliveries so far, in their order, once there are `count`; after 20 s what there is. */
  deliveries(count: number): Promise<readonly JavaMessage[]>
  /** The queues that are its own now. */
  queues(): Promise<readonly Queue[]>
  /** Shuts down in order: offsets are stored, and the group is left. */
  stop(): Promise<void>
}

/** A consumer that pulls when it is told to. */
export interface PullConsumer {
  pull(request: { queue: Queue; offset: number; maxNums?: number; expression?: string }): Promise<PullAnswer>
  /** A pull that the broker holds until there is a message. */
  pullBlockIfNotFound(request: { queue: Queue; offset: number }): Promise<PullAnswer>
  /** Stores an offset at the broker. */
  commit(queue: Queue, offset: number): Promise<void>
  /** The offset that the broker knows; -1 when it knows none. */
  committed(queue: Queue): Promise<number>
  offsetForTimestamp(queue: Queue, timestamp: number): Promise<number>
  /** All queues of its topic. */
  queues(): Promise<readonly Queue[]>
  stop(): Promise<void>
}

/** A consumer that shares queues out or is assigned some, and hands messages out when polled. */
export interface LiteConsumer {
  /** Polls until there are `count` messages; after 20 s what there is. */
  poll(count: number): Promise<readonly JavaMessage[]>
  seek(queue: Queue, offset: number): Promise<void>
  pause(...queueIds: number[]): Promise<void>
  resume(...queueIds: number[]): Promise<void>
  commit(): Promise<void>
  /** The offset that the broker knows; -1 when it knows none. */
  committed(queue: Queue): Promise<number>
  offsetForTimestamp(queue: Queue, timestamp: number): Promise<number>
  /** The queues that are its own now. */
  queues(): Promise<readonly Queue[]>
  stop(): Promise<void>
}

/** Any number of consumers of one make. */
export interface Consumers extends AsyncDisposable {
  push(options: PushOptions): Promise<PushConsumer>
  lite(options: LiteOptions): Promise<LiteConsumer>
  pull(options: { group: string; topic: string }): Promise<PullConsumer>
}

/** Asks again and again until it is so, or 20 s have passed. */
export async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  const startedAt = performance.now()
  while (!(await isSo()) && performance.now() - startedAt < 20_000) await setTimeout(20)
}
