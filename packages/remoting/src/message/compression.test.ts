import { expect, it } from 'vitest'
import { compress, decompress, isBuiltInCompression } from './compression.js'
import { crc32 } from './crc32.js'
import { parseHostAddress } from './host-address.js'
import { readRecord, readRecords } from './message-record.js'
import { encodedRecordSize, type RecordFields, writeRecord } from './record-writer.js'
import { compressionTypeOf, SystemFlag, withCompression } from './system-flag.js'

const zlib = withCompression(0, 'ZLIB')
const refused: unknown = expect.objectContaining({ code: 'COMPRESSION' })

it('a body survives compression, and a message read loses its COMPRESSED bit only', async () => {
  const body = Buffer.alloc(10_000, 'mq')
  const compressed = await compress(body)
  expect(compressed.length).toBeLessThan(200)
  expect(decompress(compressed, { sysFlag: zlib })).toEqual(body)

  const bytes = recordOf(compressed, zlib)
  expect(readRecord(bytes)).toMatchObject({ body, sysFlag: SystemFlag.COMPRESSION_ZLIB })
  expect(readRecord(bytes, 0, { decompress: false })).toMatchObject({ body: compressed, sysFlag: zlib })
})

it('a compressed body without a type is ZLIB, as old clients send it', () => {
  expect(compressionTypeOf(SystemFlag.COMPRESSED)).toBe('ZLIB')
})

it('a body that would grow beyond the limit is refused', async () => {
  const bomb = await compress(Buffer.alloc(1_000_000))
  expect(() => decompress(bomb, { sysFlag: zlib, maxSize: 999_999 })).toThrow(refused)
  expect(decompress(bomb, { sysFlag: zlib, maxSize: 1_000_000 })).toHaveLength(1_000_000)
  expect(() => readRecords(recordOf(bomb, zlib), { maxBodySize: 1000 })).toThrow(refused)
})

it('damaged bytes are refused', () => {
  expect(() => decompress(Buffer.from('not zlib'), { sysFlag: zlib })).toThrow(refused)
})

const absent = (['LZ4', 'ZSTD'] as const).filter((type) => !isBuiltInCompression(type))

it.each(absent)('%s, which is not built in, is refused with its name', async (type) => {
  const named: unknown = expect.objectContaining({
    code: 'COMPRESSION',
    message: expect.stringContaining(type) as unknown,
  })
  await expect(compress(Buffer.alloc(1), { type })).rejects.toEqual(named)
  expect(() => decompress(Buffer.alloc(1), { sysFlag: withCompression(0, type) })).toThrow(named)
})

it('a compression that was brought along reads and writes the bodies of its type only', async () => {
  const reversed = (body: Uint8Array): Uint8Array => Uint8Array.from(body).reverse()
  const LZ4 = { decompress: reversed, compress: (body: Uint8Array) => Promise.resolve(reversed(body)) }
  const compressions = { LZ4 }
  const compressed = await compress(Buffer.from('abc'), { type: 'LZ4', compressions })
  expect(compressed.toString()).toBe('cba')
  expect(decompress(compressed, { sysFlag: withCompression(0, 'LZ4'), compressions }).toString()).toBe('abc')
  expect(() => decompress(compressed, { sysFlag: zlib, compressions })).toThrow(refused)
  await expect(compress(compressed, { type: 'LZ4', compressions: { LZ4: { decompress: reversed } } })).rejects.toThrow(
    'LZ4 bodies can be read here, but not written',
  )
})

it('an unassigned compression type is refused', () => {
  expect(() => decompress(Buffer.alloc(1), { sysFlag: SystemFlag.COMPRESSED | 0x400 })).toThrow(refused)
})

function recordOf(body: Buffer, sysFlag: number): Buffer {
  const host = parseHostAddress('127.0.0.1:1')
  const zero = {
    queueId: 0,
    flag: 0,
    queueOffset: 0,
    physicalOffset: 0,
    reconsumeTimes: 0,
    preparedTransactionOffset: 0,
  }
  const times = { bornTimestamp: 0, storeTimestamp: 0, bornHost: host, storeHost: host }
  const fields: RecordFields = { ...zero, ...times, topic: 'T', properties: '', body, bodyCrc: crc32(body), sysFlag }
  const bytes = Buffer.alloc(encodedRecordSize(fields))
  writeRecord(bytes, 0, fields)
  return bytes
}
