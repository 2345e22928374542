import { expect, test } from 'vitest'
import { durationMs } from './duration.js'

test.each([
  [{ ms: 250 }, 250],
  [{ seconds: 10 }, 10_000],
  [{ minutes: 10 }, 600_000],
  [{ hours: 2 }, 7_200_000],
  [{ hours: 1, minutes: 30, seconds: 1, ms: 1 }, 5_401_001],
  [{ seconds: 0.0001 }, 1],
  [{ ms: 0 }, 0],
])('%j is %d ms', (duration, expected) => {
  expect(durationMs(duration)).toBe(expected)
})

test.each([{}, { ms: -1 }, { ms: Number.NaN }, { hours: Number.POSITIVE_INFINITY }, { days: 1 }])(
  '%j is refused with the units there are',
  (duration) => {
    expect(() => durationMs(duration)).toThrow('give ms, seconds, minutes or hours')
  },
)
