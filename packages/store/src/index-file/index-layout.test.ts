import { describe, expect, test } from 'vitest'
import {
  encodeIndexHeader,
  encodeIndexItem,
  indexFileName,
  indexFileSize,
  indexHeaderLayout,
  indexHeaderSize,
  indexItemLayout,
  indexItemSize,
  readIndexHeader,
  readIndexItem,
} from './index-layout.js'

describe('index layout', () => {
  test.each([
    ['header', indexHeaderLayout, indexHeaderSize],
    ['item', indexItemLayout, indexItemSize],
  ] as const)('the fields of the %s lie without gaps in its whole size', (_, layout, size) => {
    let end = 0
    for (const field of layout) {
      expect(field.offset).toBe(end)
      end += field.size
    }
    expect(end).toBe(size)
  })

  test('a file of Java’s default sizes has 420,000,040 bytes', () => {
    expect(indexFileSize(5_000_000, 20_000_000)).toBe(420_000_040)
  })

  test('a file without keys has a count of 0 on disk and of 1 in memory', () => {
    const bytes = encodeIndexHeader(readIndexHeader(Buffer.alloc(indexHeaderSize)))
    expect(bytes).toEqual(Buffer.alloc(indexHeaderSize))
    expect(readIndexHeader(bytes).indexCount).toBe(1)
  })

  test('an item beyond 4 GiB reads back', () => {
    const item = { keyHash: 0x5200a419, phyOffset: 2 ** 45 + 0xffffffff, timeDiff: 3, prevIndex: 7 }
    const bytes = Buffer.alloc(indexItemSize)
    encodeIndexItem(item).forEach((value, index) => bytes.writeInt32BE(value, index * 4))
    expect(readIndexItem(bytes)).toEqual(item)
  })

  test('a name is local time to the millisecond in 17 digits', () => {
    expect(indexFileName(new Date(2026, 0, 2, 3, 4, 5, 6).getTime())).toBe('20260102030405006')
  })
})
