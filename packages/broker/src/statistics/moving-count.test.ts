import { expect, test } from 'vitest'
import { MovingCount } from './moving-count.js'

test('the rate is that of the samples kept, the total is that of all', () => {
  const count = new MovingCount({ capacity: 3, intervalMs: 10_000 })
  expect(count.perSecond).toBe(0)
  for (const amount of [1000, 100, 100]) {
    count.add(amount)
    count.sample()
  }
  expect(count.total).toBe(1200)
  expect(count.windowSum).toBe(200)
  expect(count.perSecond).toBe(10)
})

test('a count that stands still comes to a rate of zero', () => {
  const count = new MovingCount({ capacity: 2, intervalMs: 1000 })
  count.add(5)
  count.sample()
  count.sample()
  count.sample()
  expect(count.perSecond).toBe(0)
})
