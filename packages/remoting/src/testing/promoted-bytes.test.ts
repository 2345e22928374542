import { expect, test } from 'vitest'

import { promotedBytesPerCall } from './promoted-bytes.js'

test('objects that nobody keeps are not promoted, those that an old object leads to are', async () => {
  expect(await promotedBytesPerCall((index) => ({ index }))).toBeLessThan(40)

  // Each element points to the next, and an old one that is garbage itself keeps them all.
  let last: { next?: object } = {}
  const promoted = await promotedBytesPerCall(() => {
    const element = {}
    last.next = element
    last = element
  })
  expect(promoted).toBeGreaterThan(40)
})
