import { decompress, isBuiltInCompression, withCompression } from '@mq/remoting'
import { expect, it } from 'vitest'
import { lz4FrameBound } from './lz4-frame.js'
import { OptionalCompressions } from './optional-compressions.js'

/** What the two bodies below hold. */
const text = Array.from({ length: 40 }, (_, index) => `message ${index % 7}\n`).join('') + 'x'.repeat(200_000)

// Written by the compressors of Apache RocketMQ 5.4.0.
const written = {
  LZ4: Buffer.from(
    '04224d1860707345030000a46d65737361676520300a0a0015310a0015320a0015330a0015340a0015350a0015360a000f4600ff301f780100' +
      `${'ff'.repeat(784)}3750787878787800000000`,
    'hex',
  ),
  ZSTD: Buffer.from(
    'KLUv/QBYdAMANANtZXNzYWdlIDAKMTIzNDU2MDEyMzQ1NjAxMjM0NTYwMTIzNDU2MDEyMzQ1NjAxMjM0CngoIPCFA2z+5NFXmCLlCitSrrAi5QorolxhRcoVVqRcYUXKFbZIucKKlCusSLnCipRbWJFypLASqQuCdgh4AQAA',
    'base64',
  ),
}

const absent = (): Promise<never> => Promise.reject(new Error('Cannot find package'))
const readers = ['LZ4', 'ZSTD'] as const

it.each(readers)('a body that Java compressed with %s is read', async (type) => {
  const compressions = new OptionalCompressions()
  await compressions.load(type)
  const options = { sysFlag: withCompression(0, type), compressions: compressions.loaded }
  expect(decompress(written[type], options).toString()).toBe(text)
})

it.each(readers)(
  'a %s body that would grow beyond the limit is refused, and one of exactly the limit is not',
  async (type) => {
    const compressions = new OptionalCompressions()
    await compressions.load(type)
    const options = { sysFlag: withCompression(0, type), compressions: compressions.loaded }
    expect(decompress(written[type], { ...options, maxSize: text.length })).toHaveLength(text.length)
    expect(() => decompress(written[type], { ...options, maxSize: text.length - 1 })).toThrow(
      expect.objectContaining({ code: 'COMPRESSION' }),
    )
  },
)

it.each(readers)('a %s body that is cut is refused', async (type) => {
  const compressions = new OptionalCompressions()
  await compressions.load(type)
  const options = { sysFlag: withCompression(0, type), compressions: compressions.loaded }
  for (const size of [3, 6, 7, 20, written[type].length - 5, written[type].length - 1]) {
    expect(() => decompress(written[type].subarray(0, size), options)).toThrow(
      expect.objectContaining({ code: 'COMPRESSION' }),
    )
  }
})

it.each(readers.filter((type) => !isBuiltInCompression(type)))(
  'without its package, a %s body is refused with the name of the package to install',
  async (type) => {
    const compressions = new OptionalCompressions({ LZ4: absent, ZSTD: absent })
    await compressions.load(type)
    const options = { sysFlag: withCompression(0, type), compressions: compressions.loaded }
    const name = { LZ4: 'lz4-napi', ZSTD: 'fzstd' }[type]
    expect(() => decompress(written[type], options)).toThrow(`npm install ${name}`)
  },
)

it('a package is loaded once, however many bodies wait for it', async () => {
  let loads = 0
  const decompressLz4 = (body: Uint8Array): Uint8Array => body
  const compressions = new OptionalCompressions({
    ZSTD: absent,
    LZ4: () => {
      loads += 1
      return Promise.resolve({ decompress: decompressLz4 })
    },
  })
  await Promise.all([compressions.load('LZ4'), compressions.load('LZ4'), compressions.load('ZLIB')])
  await compressions.load('LZ4')
  expect(loads).toBe(1)
})

it('the bound of a frame counts every block as full', () => {
  expect(lz4FrameBound(written.LZ4)).toBe(4 * 1024 * 1024)
  const stored = Buffer.from('04224d186040000400008061626364' + '00000000', 'hex')
  expect(lz4FrameBound(stored)).toBe(4)
})
