import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { checkRecord } from './checked-record.js'
import { crc32 } from './crc32.js'
import { parseHostAddress } from './host-address.js'
import { decodeProperties, encodeProperties } from './message-properties.js'
import { readRecord, readRecords } from './message-record.js'
import { encodedRecordSize, type RecordFields, writeBlank, writeRecord } from './record-writer.js'

const hosts = ['10.0.0.1:5555', '10.0.0.1:5556', '127.0.0.1:10911', '[fe80::1]:65535', '[::1]:1'].map(parseHostAddress)
const int32 = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 })
const safeInteger = fc.maxSafeInteger()
const text = fc
  .string({ minLength: 1, maxLength: 40, unit: 'grapheme' })
  .filter((value) => !value.includes('\x01') && !value.includes('\x02'))

const recordFields: fc.Arbitrary<RecordFields> = fc.record({
  topic: fc
    .oneof(
      text,
      fc.nat({ max: 300 }).map((length) => 't'.repeat(length + 1)),
    )
    .filter(fitsItsLengthField),
  queueId: int32,
  flag: int32,
  sysFlag: fc.constantFrom(0, 2, 4, 8, 12, 0xc0),
  body: fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
  bodyCrc: fc.constant(0),
  properties: fc.dictionary(text, text).map((entries) => encodeProperties(new Map(Object.entries(entries)))),
  queueOffset: safeInteger,
  physicalOffset: safeInteger,
  bornTimestamp: safeInteger,
  bornHost: fc.constantFrom(...hosts),
  storeTimestamp: safeInteger,
  storeHost: fc.constantFrom(...hosts),
  reconsumeTimes: int32,
  preparedTransactionOffset: safeInteger,
})

describe('checkRecord', () => {
  it('a record reads back as it was written, text and bytes of text alike', () => {
    fc.assert(
      fc.property(recordFields, fc.nat({ max: 9 }), (input, offset) => {
        const fields = { ...input, bodyCrc: crc32(input.body) }
        const written = write(fields, offset)
        const asBytes = { ...fields, properties: Buffer.from(fields.properties as string) }
        expect(write(asBytes, offset)).toEqual(written)

        const { properties, bornHost, storeHost, topic, ...plain } = fields
        const read = readRecord(written, offset)
        expect(read).toMatchObject({ ...plain, sysFlag: read.sysFlag, topic, bornHost, storeHost })
        expect(read.sysFlag & ~0x30).toBe(fields.sysFlag)
        expect(read.properties).toEqual(decodeProperties(properties as string))
        expect(read.storeSize).toBe(written.length - offset)
      }),
    )
  })

  it('a record cut anywhere, or with any byte changed, is judged without an exception', () => {
    fc.assert(
      fc.property(recordFields, fc.nat(), fc.nat({ max: 255 }), (fields, position, byte) => {
        const bytes = write({ ...fields, bodyCrc: crc32(fields.body) }, 0)
        const at = position % bytes.length
        expect(checkRecord(bytes.subarray(0, at), 0).kind).toBe('invalid')
        bytes[at] = byte
        const checked = checkRecord(bytes, 0)
        if (checked.kind === 'record') expect(checked.size).toBe(bytes.length)
        expect(readRecords(bytes, { decompress: false }).length).toBeLessThanOrEqual(1)
      }),
    )
  })

  it('random bytes after a valid head are judged without an exception', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(0xdaa320a7, 0xdaa320ab, 0xcbd43194),
        fc.uint8Array({ maxLength: 200 }),
        (magic, tail) => {
          const bytes = Buffer.concat([Buffer.alloc(8), tail])
          bytes.writeInt32BE(bytes.length, 0)
          bytes.writeUInt32BE(magic, 4)
          expect(['record', 'blank', 'invalid']).toContain(checkRecord(bytes, 0).kind)
        },
      ),
    )
  })

  it('a changed body is found by its CRC, and only if that is asked for', () => {
    const bytes = write(plainRecord(), 0)
    bytes[88] = 0x21
    expect(checkRecord(bytes, 0)).toEqual({ kind: 'invalid', size: -1, reason: 'its body does not fit its CRC' })
    expect(checkRecord(bytes, 0, { checkCrc: false }).kind).toBe('record')
  })

  it('lengths that contradict the size keep the size, so that a reader can step over them', () => {
    const bytes = Buffer.concat([write(plainRecord(), 0), Buffer.alloc(10)])
    bytes.writeInt32BE(bytes.length, 0)
    expect(checkRecord(bytes, 0)).toMatchObject({ kind: 'invalid', size: bytes.length })
  })

  it.each([
    ['body', 84, 4],
    ['topic', 88 + 5, 1],
    ['properties', 88 + 5 + 2, 2],
  ])('a negative length of the %s is no record', (_name, at, width) => {
    const bytes = write(plainRecord(), 0)
    bytes.writeIntBE(-1, at, width)
    expect(checkRecord(bytes, 0, { checkCrc: false })).toMatchObject({ kind: 'invalid', size: -1 })
  })

  it('space that was never written is no record and no blank', () => {
    expect(checkRecord(Buffer.alloc(200), 0).kind).toBe('invalid')
    expect(checkRecord(Buffer.alloc(0), 0).kind).toBe('invalid')
  })

  it('a blank whose cover is cut off is torn', () => {
    const bytes = Buffer.alloc(100)
    writeBlank(bytes, 0, 100)
    expect(checkRecord(bytes, 0)).toEqual({ kind: 'blank', size: 100 })
    expect(checkRecord(bytes, 0, { end: 99 }).kind).toBe('invalid')
  })

  it('bytes after the given end are not looked at', () => {
    const bytes = write(plainRecord(), 0)
    expect(checkRecord(bytes, 0, { end: bytes.length - 1 }).kind).toBe('invalid')
  })

  it('offsets beyond 2^53 saturate', () => {
    const bytes = write(plainRecord(), 0)
    bytes.writeBigInt64BE(2n ** 63n - 1n, 20)
    bytes.writeBigInt64BE(-(2n ** 63n), 28)
    expect(checkRecord(bytes, 0)).toMatchObject({
      queueOffset: Number.MAX_SAFE_INTEGER,
      physicalOffset: Number.MIN_SAFE_INTEGER,
    })
  })
})

describe('writeRecord', () => {
  it.each([
    ['a topic of more bytes than its length field counts', { topic: 'ü'.repeat(100) }],
    ['properties over 32,767 bytes', { properties: 'x'.repeat(32_768) }],
  ])('refuses %s', (_name, change) => {
    const fields = { ...plainRecord(), ...change }
    const target = Buffer.alloc(100_000)
    expect(() => writeRecord(target, 0, fields)).toThrow(expect.objectContaining({ code: 'MESSAGE_FORMAT' }))
    expect(target.equals(Buffer.alloc(100_000))).toBe(true)
  })

  it('refuses a target that is one byte too small', () => {
    const target = Buffer.alloc(encodedRecordSize(plainRecord()) - 1)
    expect(() => writeRecord(target, 0, plainRecord())).toThrow(expect.objectContaining({ code: 'MESSAGE_FORMAT' }))
  })
})

describe('readRecord', () => {
  it('what is no record is a typed error that names the place', () => {
    expect(() => readRecord(Buffer.alloc(20), 4)).toThrow(
      expect.objectContaining({ code: 'MESSAGE_FORMAT', fields: expect.objectContaining({ offset: 4 }) as unknown }),
    )
  })

  it('the message keeps its bytes when the buffer it was read from is reused', () => {
    const bytes = write(plainRecord(), 0)
    const message = readRecord(bytes)
    bytes.fill(0xff)
    expect(message.body.toString()).toBe('hello')
    expect(message.bornHost).toEqual(hosts[0])
  })

  it('a body that is not wanted is empty and its CRC unchecked', () => {
    const bytes = write(plainRecord(), 0)
    bytes[88] = 0x21
    expect(readRecord(bytes, 0, { readBody: false }).body).toHaveLength(0)
  })

  it('records before damaged bytes are read', () => {
    const record = write(plainRecord(), 0)
    expect(readRecords(Buffer.concat([record, record, record.subarray(0, 50)]))).toHaveLength(2)
  })
})

function fitsItsLengthField(topic: string): boolean {
  return topic.length > 127 || Buffer.byteLength(topic) <= 127
}

function plainRecord(): RecordFields {
  const body = Buffer.from('hello')
  return {
    topic: 'T',
    queueId: 0,
    flag: 0,
    sysFlag: 0,
    body,
    bodyCrc: crc32(body),
    properties: '',
    queueOffset: 0,
    physicalOffset: 0,
    bornTimestamp: 1,
    bornHost: hosts[0] as (typeof hosts)[number],
    storeTimestamp: 2,
    storeHost: hosts[1] as (typeof hosts)[number],
    reconsumeTimes: 0,
    preparedTransactionOffset: 0,
  }
}

function write(fields: RecordFields, offset: number): Buffer {
  const bytes = Buffer.alloc(offset + encodedRecordSize(fields))
  writeRecord(bytes, offset, fields)
  return bytes
}
