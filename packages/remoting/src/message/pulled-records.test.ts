import fc from 'fast-check'
import { expect, it } from 'vitest'
import { compress } from './compression.js'
import { crc32 } from './crc32.js'
import { parseHostAddress } from './host-address.js'
import { createOffsetMessageId } from './message-id.js'
import { compressionTypesOfRecords, readPulledRecords } from './pulled-records.js'
import { recordFieldOffset } from './record-layout.js'
import { encodedRecordSize, type RecordFields, writeRecord } from './record-writer.js'
import { SystemFlag, withCompression } from './system-flag.js'

const host = parseHostAddress('127.0.0.1:10911')
const host6 = parseHostAddress('[fe80::1]:10911')

function record(queueOffset: number, parts: Partial<RecordFields> = {}): Buffer {
  const body = parts.body ?? Buffer.from(`body ${queueOffset}`)
  const fields: RecordFields = {
    topic: 'T',
    queueId: 1,
    flag: 0,
    sysFlag: 0,
    properties: '',
    queueOffset,
    physicalOffset: 1000 + queueOffset,
    bornTimestamp: 1,
    bornHost: host,
    storeTimestamp: 2,
    storeHost: host,
    reconsumeTimes: 0,
    preparedTransactionOffset: 0,
    ...parts,
    body,
    bodyCrc: parts.bodyCrc ?? crc32(body),
  }
  const bytes = Buffer.alloc(encodedRecordSize(fields))
  writeRecord(bytes, 0, fields)
  return bytes
}

/** The record with an int replaced. */
function spoiled(field: Parameters<typeof recordFieldOffset>[0], value: number): Buffer {
  const bytes = record(2)
  bytes.writeInt32BE(value, recordFieldOffset(field, 0))
  return bytes
}

const offsetsOf = (bytes: Buffer): number[] => readPulledRecords(bytes).messages.map((message) => message.queueOffset)

const damages: [string, Buffer][] = [
  ['a body that does not fit its CRC', record(2, { bodyCrc: 7 })],
  ['a body that is no zlib', record(2, { sysFlag: withCompression(0, 'ZLIB') })],
  ['a compression that does not exist', record(2, { sysFlag: SystemFlag.COMPRESSED | 0x400 })],
  ['a compression that is not there', record(2, { sysFlag: withCompression(0, 'LZ4') })],
  ['properties longer than the record', lastInt16(record(2), 500)],
  ['properties of a negative length', lastInt16(record(2), -1)],
  ['a topic that is cut', spoiled('BODYLENGTH', 0)],
  ['a body longer than the record', spoiled('BODYLENGTH', 0x7fffffff)],
]

function lastInt16(bytes: Buffer, value: number): Buffer {
  bytes.writeInt16BE(value, bytes.length - 2)
  return bytes
}

it.each(damages)('%s costs that one message, which is surfaced with its place, and nothing after it', (_, damaged) => {
  const first = record(1)
  const { messages, undecodable } = readPulledRecords(Buffer.concat([first, damaged, record(3), record(4)]))
  expect(messages.map((message) => [message.queueOffset, message.body.toString()])).toEqual([
    [1, 'body 1'],
    [3, 'body 3'],
    [4, 'body 4'],
  ])
  expect(undecodable).toEqual([
    {
      offset: first.length,
      size: damaged.length,
      queueOffset: 2,
      physicalOffset: 1002,
      offsetMsgId: createOffsetMessageId(host, 1002),
      cause: expect.any(Error) as unknown,
    },
  ])
})

it('a record with an unknown magic code is skipped by its size, and its place is not believed', () => {
  const { messages, undecodable } = readPulledRecords(Buffer.concat([record(1), spoiled('MAGICCODE', 7), record(3)]))
  expect(messages).toHaveLength(2)
  expect(undecodable).toMatchObject([{ queueOffset: undefined, physicalOffset: undefined, offsetMsgId: undefined }])
})

it.each([0, -1, 90, 0x7fffffff])('behind a record whose size is %i the rest is one undecodable record', (size) => {
  const first = record(1)
  const bytes = Buffer.concat([first, spoiled('TOTALSIZE', size), record(3), record(4)])
  const { messages, undecodable } = readPulledRecords(bytes)
  expect(messages.map((message) => message.queueOffset)).toEqual([1])
  expect(undecodable).toMatchObject([{ offset: first.length, size: bytes.length - first.length, queueOffset: 2 }])
})

it('the id of an undecodable record names an IPv6 broker', () => {
  const { undecodable } = readPulledRecords(record(2, { bodyCrc: 7, bornHost: host6, storeHost: host6 }))
  expect(undecodable[0]?.offsetMsgId).toBe(createOffsetMessageId(host6, 1002))
})

it('records cut anywhere never throw, and every whole record before the cut is read', () => {
  const bytes = Buffer.concat([record(1), record(2, { bornHost: host6, storeHost: host6 }), record(3)])
  for (let end = 0; end < bytes.length; end++) {
    const { messages, undecodable } = readPulledRecords(bytes.subarray(0, end))
    const whole = end < record(1).length ? 0 : end < bytes.length - record(3).length ? 1 : 2
    expect(messages).toHaveLength(whole)
    expect(undecodable.length).toBeLessThanOrEqual(1)
  }
  expect(offsetsOf(bytes)).toEqual([1, 2, 3])
})

it('random bytes never throw, and every byte is accounted for', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), fc.nat(300), (noise, at) => {
      const bytes = Buffer.concat([record(1), record(2), record(3)])
      bytes.set(noise.subarray(0, bytes.length - Math.min(at, bytes.length)), Math.min(at, bytes.length))
      const { messages, undecodable } = readPulledRecords(bytes)
      const sizes = [...messages.map((message) => message.storeSize), ...undecodable.map((entry) => entry.size)]
      expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(bytes.length)
      compressionTypesOfRecords(bytes)
    }),
  )
})

it('the compressions an answer needs are found without decoding it', async () => {
  const body = await compress(Buffer.alloc(100))
  const types = compressionTypesOfRecords(
    Buffer.concat([
      record(1),
      record(2, { body, sysFlag: withCompression(0, 'ZLIB') }),
      record(3, { sysFlag: withCompression(0, 'LZ4') }),
      record(4, { sysFlag: SystemFlag.COMPRESSION_ZSTD }),
    ]),
  )
  expect(types).toEqual(new Set(['ZLIB', 'LZ4']))
})
