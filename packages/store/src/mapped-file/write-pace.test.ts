import { expect, test } from 'vitest'
import { WritePace } from './write-pace.js'

const mebibyte = 1024 * 1024

/** A pace whose writes of a MiB take as long as they are said to. */
function paceOf(): { readonly pace: WritePace; readonly write: (times: number, tookMs: number) => void } {
  let nowMs = 0
  const pace = new WritePace(() => nowMs)
  const write = (times: number, tookMs: number): void => {
    for (let index = 0; index < times; index++) {
      pace.begin()
      nowMs += tookMs
      pace.end(mebibyte)
    }
  }
  return { pace, write }
}

test('help is wanted once writes have been slow for a while, and not for single slow ones', () => {
  const { pace, write } = paceOf()
  write(31, 1)
  write(1, 50)
  expect(pace.isSlow).toBe(false)
  write(31, 5)
  expect(pace.isSlow).toBe(false)
  write(1, 5)
  expect(pace.isSlow).toBe(true)
})

test('writes that are fast because they are helped are tried without help after some time', () => {
  const { pace, write } = paceOf()
  write(32, 5)
  write(511, 0.5)
  expect(pace.isSlow).toBe(true)
  write(1, 0.5)
  expect(pace.isSlow).toBe(false)
  write(32, 5)
  expect(pace.isSlow).toBe(true)
})
