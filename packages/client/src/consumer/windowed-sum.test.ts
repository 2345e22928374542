import { expect, test } from 'vitest'
import { WindowedSum } from './windowed-sum.js'

test('what is older than the window no longer counts', () => {
  const sum = new WindowedSum({ bucketMs: 10, buckets: 3 })
  sum.add(1, 5)
  sum.add(10, 15)
  sum.add(100, 25)
  expect(sum.sumAt(29)).toBe(111)
  expect(sum.sumAt(30)).toBe(110)
  expect(sum.sumAt(1000)).toBe(0)
})
