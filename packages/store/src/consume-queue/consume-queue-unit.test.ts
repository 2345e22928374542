import { describe, expect, test } from 'vitest'
import {
  consumeQueueUnitLayout,
  consumeQueueUnitSize,
  fillBlankUnits,
  isBlankUnit,
  isExtAddress,
  isWrittenUnit,
  readConsumeQueueUnit,
  writeConsumeQueueUnit,
} from './consume-queue-unit.js'

describe('consume-queue unit', () => {
  test('units have the bytes that Apache RocketMQ writes', () => {
    const bytes = Buffer.alloc(40)
    writeConsumeQueueUnit(bytes, 0, { commitLogOffset: 0, msgSize: 0x8e, tagsCode: 0x27a807 })
    writeConsumeQueueUnit(bytes, 20, { commitLogOffset: 0x8e, msgSize: 0x8e, tagsCode: 0x27a807 })
    expect(bytes.toString('hex')).toBe(
      '00000000000000000000008e000000000027a807' + '000000000000008e0000008e000000000027a807',
    )
  })

  test('a negative tags code is sign-extended to 64 bits and reads back', () => {
    const bytes = Buffer.alloc(20)
    const unit = { commitLogOffset: 2 ** 40 + 7, msgSize: 100, tagsCode: -1_234_567_890 }
    writeConsumeQueueUnit(bytes, 0, unit)
    expect(bytes.toString('hex', 12)).toBe('ffffffffb669fd2e')
    expect(readConsumeQueueUnit(bytes, 0)).toEqual(unit)
  })

  test('blanks have the bytes that Apache RocketMQ writes and count as written', () => {
    const bytes = fillBlankUnits(Buffer.alloc(40, 0xff))
    expect(bytes.toString('hex')).toBe('00000000000000007fffffff0000000000000000'.repeat(2))
    const unit = readConsumeQueueUnit(bytes, 20)
    expect([isBlankUnit(unit), isWrittenUnit(unit)]).toEqual([true, true])
  })

  test('zeroed space is not a written unit', () => {
    expect(isWrittenUnit(readConsumeQueueUnit(Buffer.alloc(20), 0))).toBe(false)
  })

  test('every 32-bit tags code is a code and values below are extension addresses', () => {
    expect([isExtAddress(-(2 ** 31)), isExtAddress(-(2 ** 31) - 1)]).toEqual([false, true])
  })

  test('the fields lie without gaps in the whole unit', () => {
    const ends = consumeQueueUnitLayout.map(({ offset, size }) => offset + size)
    expect(consumeQueueUnitLayout.map(({ offset }) => offset)).toEqual([0, ...ends.slice(0, -1)])
    expect(ends.at(-1)).toBe(consumeQueueUnitSize)
  })
})
