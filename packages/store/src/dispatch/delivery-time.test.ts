import { expect, test } from 'vitest'
import { defaultMessageDelayLevel, parseDelayLevels } from './delivery-time.js'

test("the levels of a store that is told nothing are Java's eighteen, from a second to two hours", () => {
  const levels = parseDelayLevels(defaultMessageDelayLevel)
  expect(levels).toHaveLength(18)
  expect([levels?.[0], levels?.[2], levels?.[4], levels?.[17]]).toEqual([1000, 10_000, 60_000, 7_200_000])
})

test('levels are seconds, minutes, hours and days', () => {
  expect(parseDelayLevels('0s 7s 2m  1h 3d')).toEqual([0, 7000, 120_000, 3_600_000, 259_200_000])
})

test.each(['', ' ', '5', 's', '5S', '1.5s', '-1s', '1s,5s', '12345678d', '1s '.repeat(129)])(
  '%j is no list of levels',
  (text) => {
    expect(parseDelayLevels(text)).toBeUndefined()
  },
)
