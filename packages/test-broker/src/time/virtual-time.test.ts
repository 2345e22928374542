import { SimulatedRuntime } from '@mq/remoting/testing'
import { expect, test } from 'vitest'
import { VirtualTime } from './virtual-time.js'

function newTime(): { real: SimulatedRuntime; time: VirtualTime; ran: string[]; note: (name: string) => () => void } {
  const real = new SimulatedRuntime({ seed: 1 })
  const ran: string[] = []
  return { real, time: new VirtualTime(real), ran, note: (name) => () => void ran.push(name) }
}

test('without a leap a timer runs when real time reaches it', async () => {
  const { real, time, ran, note } = newTime()
  time.after(100, note('a'))
  await real.advance(99)
  expect(ran).toEqual([])
  await real.advance(1)
  expect(ran).toEqual(['a'])
})

test('a leap moves wall clock and monotonic clock alike and runs what is due, earliest first', () => {
  const { real, time, ran, note } = newTime()
  time.after(300, note('c'))
  time.after(100, note('a'))
  time.after(200, note('b'))
  time.after(301, note('later'))
  time.skip(300)
  expect(ran).toEqual(['a', 'b', 'c'])
  expect(time.now()).toBe(real.clock.now() + 300)
  expect(time.monotonic()).toBe(real.clock.monotonic() + 300)
})

test('after a leap a timer has less real time to wait, and runs once', async () => {
  const { real, time, ran, note } = newTime()
  time.after(1000, note('a'))
  time.skip(900)
  time.realign()
  await real.advance(99)
  expect(ran).toEqual([])
  await real.advance(1)
  await real.advance(10_000)
  expect(ran).toEqual(['a'])
})

test('a cancelled timer runs neither in a leap nor in real time', async () => {
  const { real, time, ran, note } = newTime()
  time.after(100, note('a')).cancel()
  const periodic = time.every(50, note('b'))
  time.after(60, () => periodic.cancel())
  time.skip(60)
  time.skip(1000)
  time.realign()
  await real.advance(1000)
  expect(ran).toEqual(['b'])
})

test('a task that cancels another which is due in the same leap keeps it from running', () => {
  const { time, ran, note } = newTime()
  time.after(1, () => victim.cancel())
  const victim = time.after(2, note('victim'))
  time.skip(10)
  expect(ran).toEqual([])
})

test('a periodic task runs once in a leap, however long, and goes on from there', async () => {
  const { real, time, ran, note } = newTime()
  time.every(100, note('tick'), { firstDelayMs: 10 })
  time.skip(100_000)
  expect(ran).toHaveLength(1)
  time.realign()
  await real.advance(250)
  expect(ran).toHaveLength(3)
})

test('the failure of one task comes out of the leap once the others have run', () => {
  const { time, ran, note } = newTime()
  time.after(1, () => {
    throw new Error('first')
  })
  time.after(2, note('second'))
  expect(() => time.skip(5)).toThrow('first')
  expect(ran).toEqual(['second'])
})

test('the next timer is told in whole milliseconds, one-shot and periodic apart', () => {
  const { time } = newTime()
  expect(time.nextInMs).toBe(Number.POSITIVE_INFINITY)
  time.every(40, () => {})
  time.after(99.5, () => {})
  expect(time.nextInMs).toBe(100)
  expect(time.nextPeriodicInMs).toBe(40)
})
