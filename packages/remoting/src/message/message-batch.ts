import { MessageFormatError } from '../errors.js'
import { putInt16, putInt32, readInt16, readInt32 } from './big-endian.js'
import type { Message } from './message.js'
import { encodeProperties, MAX_PROPERTIES_BYTES } from './message-properties.js'

/** A member of a client batch body; both buffers are views of the batch. */
export interface MessageBatchEntry {
  readonly flag: number
  readonly body: Buffer
  /** The encoded properties. */
  readonly properties: Buffer
}

/** An entry: total size, magic (0), CRC (0), flag, body length, body, properties length (2 bytes), properties. */
const FLAG = 12
const BODY_LENGTH = 16
const BODY = 20
const ENTRY_OVERHEAD = 22

/** Encodes messages of one topic as the body of a batch request. Java: MessageDecoder#encodeMessages. */
export function encodeMessageBatch(members: Iterable<Pick<Message, 'flag' | 'body' | 'properties'>>): Buffer {
  const entries: Buffer[] = []
  for (const member of members) entries.push(encodeEntry(member))
  return Buffer.concat(entries)
}

/**
 * Reads a batch body into views of it; nothing is returned unless all of it is well formed. Java: MessageExtEncoder
 * #encode(MessageExtBatch) and MessageDecoder#decodeMessages.
 * @throws MessageFormatError at the first entry whose lengths do not agree.
 */
export function decodeMessageBatch(batch: Buffer): MessageBatchEntry[] {
  const entries: MessageBatchEntry[] = []
  for (let offset = 0; offset < batch.length; ) {
    const left = batch.length - offset
    const size = left < ENTRY_OVERHEAD ? 0 : readInt32(batch, offset)
    if (size < ENTRY_OVERHEAD || size > left) throw malformed(offset, entries.length)
    const bodySize = readInt32(batch, offset + BODY_LENGTH)
    if (bodySize < 0 || bodySize > size - ENTRY_OVERHEAD) throw malformed(offset, entries.length)
    const bodyStart = offset + BODY
    const bodyEnd = bodyStart + bodySize
    if (readInt16(batch, bodyEnd) !== size - ENTRY_OVERHEAD - bodySize) throw malformed(offset, entries.length)
    entries.push({
      flag: readInt32(batch, offset + FLAG),
      body: batch.subarray(bodyStart, bodyEnd),
      properties: batch.subarray(bodyEnd + 2, offset + size),
    })
    offset += size
  }
  return entries
}

function encodeEntry({ flag, body, properties }: Pick<Message, 'flag' | 'body' | 'properties'>): Buffer {
  const encoded = Buffer.from(encodeProperties(properties))
  if (encoded.length > MAX_PROPERTIES_BYTES) {
    throw new MessageFormatError(
      `the properties of a message take ${encoded.length} bytes, at most ${MAX_PROPERTIES_BYTES} fit: shorten them`,
    )
  }
  const entry = Buffer.alloc(ENTRY_OVERHEAD + body.length + encoded.length)
  putInt32(entry, 0, entry.length)
  putInt32(entry, FLAG, flag)
  putInt32(entry, BODY_LENGTH, body.length)
  const at = putInt16(entry, BODY + body.copy(entry, BODY), encoded.length)
  encoded.copy(entry, at)
  return entry
}

function malformed(offset: number, index: number): MessageFormatError {
  return new MessageFormatError(
    `the batch is malformed at byte ${offset} (entry ${index}): its lengths do not agree; look at the client that built it`,
    { fields: { offset, index } },
  )
}
