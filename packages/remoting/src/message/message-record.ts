import { MessageFormatError } from '../errors.js'
import type { BodyCompressions } from './body-compression.js'
import { decompress, type DecompressOptions } from './compression.js'
import type { MessageExt } from './message.js'
import { createOffsetMessageId } from './message-id.js'
import { PropertyName } from './property-name.js'
import { checkRecord, type CheckedRecord } from './checked-record.js'
import { SystemFlag } from './system-flag.js'

/** How records become messages. */
export interface ReadRecordOptions {
  /** Decompress compressed bodies, clearing the COMPRESSED bit. Default true. */
  readonly decompress?: boolean
  /** Leave the body out (an empty buffer) if false. Default true. */
  readonly readBody?: boolean
  /** Largest body after decompression, in bytes. Default 16 MiB, as large as a frame. */
  readonly maxBodySize?: number
  /** For bodies whose compression is not built in; see {@link decompress}. */
  readonly compressions?: BodyCompressions
}

/**
 * Reads the record at `offset`; the message owns all its bytes. Java: MessageDecoder#decode.
 * @throws MessageFormatError if no whole record lies there.
 * @throws CompressionError if the body cannot be decompressed.
 */
export function readRecord(bytes: Buffer, offset = 0, options: ReadRecordOptions = {}): MessageExt {
  const checked = checkRecord(bytes, offset, { checkCrc: options.readBody !== false })
  if (checked.kind !== 'record') {
    const reason = checked.kind === 'blank' ? 'a blank' : checked.reason
    throw new MessageFormatError(`no message at byte ${offset} (${reason}): the bytes were damaged or cut on the way`, {
      fields: { offset, reason },
    })
  }
  return messageOfRecord(checked, options)
}

/**
 * Reads records that follow each other without framing, as pull answers hold them; like Java, stops at the first bytes
 * that are no whole record. Java: MessageDecoder#decodes.
 * @throws CompressionError if a body cannot be decompressed.
 */
export function readRecords(bytes: Buffer, options: ReadRecordOptions = {}): MessageExt[] {
  const messages: MessageExt[] = []
  for (let offset = 0; offset < bytes.length; ) {
    const checked = checkRecord(bytes, offset, { checkCrc: false })
    if (checked.kind !== 'record') break
    messages.push(messageOfRecord(checked, options))
    offset += checked.size
  }
  return messages
}

/**
 * The message a record holds, owning all its bytes.
 * @throws CompressionError if the body cannot be decompressed.
 */
export function messageOfRecord(record: CheckedRecord, options: ReadRecordOptions): MessageExt {
  const { properties, storeHost, physicalOffset } = record
  const offsetMsgId = createOffsetMessageId(storeHost, physicalOffset)
  return {
    topic: record.topic,
    properties,
    ...readBody(record, options),
    flag: record.flag,
    queueId: record.queueId,
    queueOffset: record.queueOffset,
    physicalOffset,
    storeSize: record.size,
    bodyCrc: record.bodyCrc,
    bornTimestamp: record.bornTimestamp,
    bornHost: record.bornHost,
    storeTimestamp: record.storeTimestamp,
    storeHost,
    reconsumeTimes: record.reconsumeTimes,
    preparedTransactionOffset: record.preparedTransactionOffset,
    msgId: properties.get(PropertyName.UNIQ_KEY) ?? offsetMsgId,
    offsetMsgId,
  }
}

function readBody(record: CheckedRecord, options: ReadRecordOptions): Pick<MessageExt, 'body' | 'sysFlag'> {
  const { sysFlag } = record
  if (options.readBody === false) return { body: Buffer.alloc(0), sysFlag }
  const isCompressed = (sysFlag & SystemFlag.COMPRESSED) !== 0 && record.body.length > 0
  if (!isCompressed || options.decompress === false) return { body: Buffer.from(record.body), sysFlag }
  const body = decompress(record.body, { sysFlag, ...limitsOf(options) })
  return { body, sysFlag: sysFlag & ~SystemFlag.COMPRESSED }
}

function limitsOf({ maxBodySize, compressions }: ReadRecordOptions): Omit<DecompressOptions, 'sysFlag'> {
  return {
    ...(maxBodySize === undefined ? {} : { maxSize: maxBodySize }),
    ...(compressions === undefined ? {} : { compressions }),
  }
}
