import { describe, expect, it } from 'vitest'
import { parseStartPosition } from './start-position.js'

describe('parseStartPosition', () => {
  it('knows the ends of a topic by name', () => {
    expect([parseStartPosition('first'), parseStartPosition('last')]).toEqual(['first', 'last'])
  })

  it.each([
    ['an ISO time with a zone', '2026-01-31T08:00:00Z', Date.UTC(2026, 0, 31, 8)],
    ['an offset', '2026-01-31T08:00:00.250+02:00', Date.UTC(2026, 0, 31, 6, 0, 0, 250)],
    ['a local time', '2026-01-31T08:00', new Date(2026, 0, 31, 8).getTime()],
    ['a blank instead of the T', '2026-01-31 08:00:01', new Date(2026, 0, 31, 8, 0, 1).getTime()],
    ['a date as its local midnight', '2026-01-31', new Date(2026, 0, 31).getTime()],
    ['yyyyMMddHHmmss as local time', '20260131080001', new Date(2026, 0, 31, 8, 0, 1).getTime()],
    ['milliseconds since the epoch', '1769846400123', 1_769_846_400_123],
  ])('reads %s', (_name, text, timestamp) => {
    expect(parseStartPosition(text)).toEqual({ timestamp })
  })

  it.each(['', 'yesterday', '2026', '2026-13-01', '2026-02-30', '20260230000000', '20260131250000', '-5', '1e12'])(
    'refuses %j',
    (text) => {
      expect(parseStartPosition(text)).toBeUndefined()
    },
  )
})
