import {
  type Answer,
  answer,
  compress,
  crc32,
  type deferred as Deferred,
  deferred,
  encodedRecordSize,
  encodeProperties,
  GetMinOffset,
  LitePullMessage,
  parseHostAddress,
  PullMessage,
  PullSystemFlag,
  QueryConsumerOffset,
  type RecordFields,
  type RequestContext,
  type RequestOf,
  ResponseCode,
  type Runtime,
  SearchOffsetByTimestamp,
  UpdateConsumerOffset,
  withCompression,
  writeRecord,
} from '@mq/remoting'
import type { ScriptedBroker } from './scripted-broker.js'

/** What a stored message is made of besides its body. */
export interface StoredParts extends Partial<Omit<RecordFields, 'body' | 'properties'>> {
  readonly properties?: Readonly<Record<string, string>>
}

/** A pull as it arrived. */
export type ReceivedPull = RequestOf<typeof PullMessage> & { readonly code: number }

/** A queue as `topic@queueId`. */
export type QueuePlace = `${string}@${number}`

interface HeldPull {
  readonly pull: ReceivedPull
  readonly context: RequestContext
  cancel(): void
}

/** Queues of messages on a scripted broker: pulls, long polling and offsets, as a broker answers them. */
export class StoredQueues {
  readonly pulls: ReceivedPull[] = []
  /** `topic@group@queueId` to offset. */
  readonly offsets = new Map<string, number>()
  /** Offsets below these are gone, by `topic@queueId`. */
  readonly minOffsets = new Map<string, number>()
  /** Whom answers suggest to pull from next. */
  suggestWhichBrokerId = 0
  /** Added to answers. */
  responseFields: { offsetDelta?: number } = {}
  /** Codes that all pulls of a queue are answered with. */
  readonly refused = new Map<QueuePlace, number>()
  /** Overrules the answer of the next pulls, one each. */
  readonly script: Array<Answer | typeof Deferred> = []
  /** Called when an offset was saved. */
  afterUpdate: ((saved: { topic: string; queueId: number }) => void) | undefined
  readonly #runtime: Runtime
  readonly #storeHost: RecordFields['storeHost']
  readonly #records = new Map<string, Buffer[]>()
  readonly #storeTimes = new Map<string, number[]>()
  readonly #held = new Set<HeldPull>()
  #physicalOffset = 0

  /** The broker is started already. */
  constructor(broker: ScriptedBroker, runtime: Runtime) {
    this.#runtime = runtime
    this.#storeHost = parseHostAddress(broker.address)
    const { handlers } = broker.server
    broker.maxOffsetOf = ({ topic, queueId }) => this.maxOffset(topic, queueId)
    for (const command of [PullMessage, LitePullMessage]) {
      handlers.on(command, (pull, context) => this.#onPull({ ...pull, code: command.code }, context))
    }
    handlers.on(GetMinOffset, ({ topic, queueId }) => ({ offset: this.minOffset(topic, queueId) }))
    handlers.on(SearchOffsetByTimestamp, ({ topic, queueId, timestamp }) => {
      const found = (this.#storeTimes.get(`${topic}@${queueId}`) ?? []).findIndex((time) => time >= timestamp)
      return { offset: found < 0 ? this.maxOffset(topic, queueId) : found }
    })
    handlers.on(QueryConsumerOffset, ({ topic, consumerGroup, queueId }) => {
      const offset = this.offsets.get(`${topic}@${consumerGroup}@${queueId}`)
      return offset === undefined ? answer({ code: ResponseCode.QUERY_NOT_FOUND, remark: 'Not found' }) : { offset }
    })
    handlers.on(UpdateConsumerOffset, ({ topic, consumerGroup, queueId, commitOffset }) => {
      this.offsets.set(`${topic}@${consumerGroup}@${queueId}`, commitOffset)
      this.afterUpdate?.({ topic, queueId })
      return {}
    })
  }

  maxOffset(topic: string, queueId: number): number {
    return this.#records.get(`${topic}@${queueId}`)?.length ?? 0
  }

  minOffset(topic: string, queueId: number): number {
    return this.minOffsets.get(`${topic}@${queueId}`) ?? 0
  }

  /** Stores a message and answers the pulls that waited for it. */
  append(place: QueuePlace, body: string | Buffer, parts: StoredParts = {}): void {
    const { topic, queueId } = queueAt(place)
    const bytes = Buffer.from(body)
    const { properties = {}, ...rest } = parts
    const storeTimestamp = rest.storeTimestamp ?? this.#runtime.clock.now()
    const fields: RecordFields = {
      topic,
      queueId,
      flag: 0,
      sysFlag: 0,
      bodyCrc: crc32(bytes),
      queueOffset: this.maxOffset(topic, queueId),
      physicalOffset: this.#physicalOffset,
      bornTimestamp: this.#runtime.clock.now(),
      bornHost: parseHostAddress('10.0.8.9:1000'),
      storeTimestamp,
      storeHost: this.#storeHost,
      reconsumeTimes: 0,
      preparedTransactionOffset: 0,
      ...rest,
      body: bytes,
      properties: encodeProperties(new Map(Object.entries(properties))),
    }
    const record = Buffer.alloc(encodedRecordSize(fields))
    writeRecord(record, 0, fields)
    this.appendRecord(place, record)
    this.#storeTimes.get(place)?.push(storeTimestamp)
  }

  /** Stores these bytes as the next record. */
  appendRecord(place: QueuePlace, record: Buffer): void {
    const { topic, queueId } = queueAt(place)
    if (!this.#records.has(place)) {
      this.#records.set(place, [])
      this.#storeTimes.set(place, [])
    }
    this.#records.get(place)?.push(record)
    this.#physicalOffset += record.length
    for (const held of this.#held) {
      if (held.pull.topic !== topic || held.pull.queueId !== queueId) continue
      this.#release(held)
    }
  }

  /** Pulls that wait for a message now. */
  get heldCount(): number {
    return this.#held.size
  }

  #onPull(pull: ReceivedPull, context: RequestContext): Answer | typeof deferred {
    this.pulls.push(pull)
    const scripted = this.script.shift()
    if (scripted !== undefined) return scripted
    const code = this.refused.get(`${pull.topic}@${pull.queueId}`)
    if (code !== undefined) return answer({ code })
    if ((pull.sysFlag & PullSystemFlag.COMMIT_OFFSET) !== 0) {
      this.offsets.set(`${pull.topic}@${pull.consumerGroup}@${pull.queueId}`, pull.commitOffset)
    }
    const isEmpty = pull.queueOffset === this.maxOffset(pull.topic, pull.queueId)
    if (!isEmpty || (pull.sysFlag & PullSystemFlag.SUSPEND) === 0) return this.#answerTo(pull)
    const timer = this.#runtime.timers.after(pull.suspendTimeoutMillis, () => this.#release(held))
    const held: HeldPull = { pull, context, cancel: () => timer.cancel() }
    this.#held.add(held)
    return deferred
  }

  #release(held: HeldPull): void {
    held.cancel()
    this.#held.delete(held)
    held.context.reply(this.#answerTo(held.pull))
  }

  #answerTo({ topic, queueId, queueOffset, maxMsgNums }: ReceivedPull): Answer {
    const minOffset = this.minOffset(topic, queueId)
    const maxOffset = this.maxOffset(topic, queueId)
    const { suggestWhichBrokerId } = this
    const header = (nextBeginOffset: number): object => ({
      suggestWhichBrokerId,
      nextBeginOffset,
      minOffset,
      maxOffset,
      ...this.responseFields,
    })
    if (queueOffset < minOffset) return answer({ code: ResponseCode.PULL_OFFSET_MOVED, header: header(minOffset) })
    if (queueOffset > maxOffset) return answer({ code: ResponseCode.PULL_OFFSET_MOVED, header: header(maxOffset) })
    if (queueOffset === maxOffset) return answer({ code: ResponseCode.PULL_NOT_FOUND, header: header(queueOffset) })
    const found = (this.#records.get(`${topic}@${queueId}`) ?? []).slice(queueOffset, queueOffset + maxMsgNums)
    return answer({ header: header(queueOffset + found.length), body: Buffer.concat(found) })
  }
}

function queueAt(place: QueuePlace): { topic: string; queueId: number } {
  const at = place.lastIndexOf('@')
  return { topic: place.slice(0, at), queueId: Number(place.slice(at + 1)) }
}

/** A body of `text` compressed as `type` says, and the flag that says so. */
export async function compressed(text: string): Promise<{ body: Buffer; sysFlag: number }> {
  return { body: await compress(Buffer.from(text)), sysFlag: withCompression(0, 'ZLIB') }
}
