import {
  BLANK_HEAD_SIZE,
  checkRecord,
  crc32,
  encodedRecordSize,
  encodeProperties,
  parseHostAddress,
  type RecordFields,
  writeBlank,
  writeRecord,
} from '@mq/remoting'
import type { CommitLogReader, LogRange } from '../src/dispatch/commit-log-reader.js'
import { type DispatchRequest, dispatchRequestOf } from '../src/dispatch/dispatch-request.js'

/** Levels 1 and 2 as in Java, and a third that only tests have. */
export const delayLevels: readonly number[] = [1000, 5000, 70_000]

/** A message to put into a {@link RecordLog}; what is left out is 0, empty or counted up. */
export interface RecordInput {
  readonly topic?: string
  readonly queueId?: number
  readonly queueOffset?: number
  readonly body?: string | Buffer
  readonly properties?: Readonly<Record<string, string>>
  readonly storeTimestamp?: number
  readonly sysFlag?: number
}

/** A commit log in one buffer, for tests of what reads it: real records, no files. */
export class RecordLog implements CommitLogReader {
  readonly segmentSize: number
  /** Records that end here or before may be shown; the end of the log unless set. */
  confirmOffset: number | undefined
  minOffset = 0
  /** Reads so far. */
  reads = 0
  readonly bytes: Buffer
  #end = 0
  readonly #nextQueueOffsets = new Map<string, number>()

  constructor(options: { readonly segmentSize?: number; readonly capacity?: number } = {}) {
    this.segmentSize = options.segmentSize ?? 1024 * 1024
    this.bytes = Buffer.alloc(options.capacity ?? 4 * this.segmentSize)
  }

  append(input: RecordInput = {}): DispatchRequest {
    const { topic = 'T', queueId = 0 } = input
    const key = `${topic}-${queueId}`
    const queueOffset = input.queueOffset ?? this.#nextQueueOffsets.get(key) ?? 0
    const fields = this.#fields({ ...input, topic, queueId, queueOffset })
    const size = encodedRecordSize(fields)
    const rest = this.segmentSize - (this.#end % this.segmentSize)
    if (size + BLANK_HEAD_SIZE > rest) {
      writeBlank(this.bytes, this.#end, rest)
      this.#end += rest
    }
    const physicalOffset = this.#end
    writeRecord(this.bytes, physicalOffset, { ...fields, physicalOffset })
    this.#end += size
    this.#nextQueueOffsets.set(key, queueOffset + 1)
    return this.requestAt(physicalOffset)
  }

  requestAt(physicalOffset: number): DispatchRequest {
    const record = checkRecord(this.bytes, physicalOffset)
    if (record.kind !== 'record') throw new Error(`no record at ${physicalOffset}`)
    return dispatchRequestOf(record, delayLevels)
  }

  getMinOffset(): number {
    return this.minOffset
  }

  getMaxOffset(): number {
    return this.#end
  }

  getConfirmOffset(): number {
    return this.confirmOffset ?? this.#end
  }

  rollNextFile(offset: number): number {
    return offset - (offset % this.segmentSize) + this.segmentSize
  }

  async read(offset: number, size: number): Promise<Buffer | undefined> {
    return this.readSync(offset, size)
  }

  readInto(target: Buffer, at: number, { offset, size }: LogRange): boolean {
    return this.readSync(offset, size)?.copy(target, at) === size
  }

  readSync(offset: number, size: number): Buffer | undefined {
    this.reads++
    if (offset < this.minOffset || offset + size > this.#end) return undefined
    if (offset + size > this.rollNextFile(offset)) throw new Error('a read may not leave its segment')
    return Buffer.from(this.bytes.subarray(offset, offset + size))
  }

  #fields(input: RecordInput & { topic: string; queueId: number; queueOffset: number }): RecordFields {
    const body = Buffer.from(input.body ?? 'body')
    return {
      topic: input.topic,
      queueId: input.queueId,
      flag: 0,
      sysFlag: input.sysFlag ?? 0,
      body,
      bodyCrc: crc32(body),
      properties: encodeProperties(new Map(Object.entries(input.properties ?? {}))),
      queueOffset: input.queueOffset,
      physicalOffset: 0,
      bornTimestamp: 0,
      bornHost: parseHostAddress('127.0.0.1:1'),
      storeTimestamp: input.storeTimestamp ?? 1_700_000_000_000,
      storeHost: parseHostAddress('127.0.0.1:10911'),
      reconsumeTimes: 0,
      preparedTransactionOffset: 0,
    }
  }
}
