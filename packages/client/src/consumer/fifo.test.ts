import { expect, test } from 'vitest'
import { Fifo } from './fifo.js'

test('items come out in the order they went in, however the two are mixed', () => {
  const fifo = new Fifo<number>()
  const out: number[] = []
  let next = 0
  for (let round = 0; round < 100; round++) {
    for (let count = 0; count < round % 7; count++) fifo.push(next++)
    for (let count = 0; count < round % 5; count++) {
      const item = fifo.shift()
      if (item !== undefined) out.push(item)
    }
  }
  out.push(...fifo.drain())
  expect(out).toEqual(Array.from({ length: next }, (_, index) => index))
  expect(fifo.shift()).toBeUndefined()
})
