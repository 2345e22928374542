import { nodeRuntime } from '@mq/remoting'
import { expect, test } from 'vitest'
import { TimeMachine } from './time-machine.js'
import { Activity } from './activity.js'
import { VirtualTime } from './virtual-time.js'

function newMachine(): { time: VirtualTime; activity: Activity; machine: TimeMachine } {
  const time = new VirtualTime(nodeRuntime)
  const activity = new Activity(nodeRuntime)
  return { time, activity, machine: new TimeMachine(time, activity) }
}

test('each one-shot timer finds the clock at its own time, and those it sets run in the same advance', async () => {
  const { time, machine } = newMachine()
  const startMs = time.monotonic()
  const ranAtMs: number[] = []
  const again = (): void => {
    ranAtMs.push(time.monotonic() - startMs)
    time.after(30_000, again)
  }
  time.after(10_000, again)
  await machine.advance(100_000, 0)
  const expected = [10_000, 40_000, 70_000, 100_000]
  expect(ranAtMs).toHaveLength(expected.length)
  // Real time passes as well while it is advanced.
  for (const [index, atMs] of ranAtMs.entries()) expect(Math.abs(atMs - expected[index]!)).toBeLessThan(1000)
})

test('what a timer sets off in later turns of the event loop is over before the next timer runs', async () => {
  const { time, activity, machine } = newMachine()
  const events: string[] = []
  time.after(1000, () => {
    let turns = 10
    const turn = (): void => {
      activity.noteTraffic()
      turns -= 1
      if (turns > 0) nodeRuntime.timers.turnEnd(turn)
      else events.push('effect of the first')
    }
    turn()
  })
  time.after(1010, () => events.push('second'))
  await machine.advance(2000, 1)
  expect(events).toEqual(['effect of the first', 'second'])
})

test('a client that got messages is waited for until it has kept silent for quietMs', async () => {
  const { time, activity, machine } = newMachine()
  const events: string[] = []
  time.after(1000, () => {
    activity.noteDelivery()
    nodeRuntime.timers.after(20, () => {
      events.push('answer')
      activity.noteTraffic()
    })
  })
  time.after(1010, () => events.push('second'))
  await machine.advance(2000, 200)
  expect(events).toEqual(['answer', 'second'])
})

test('work on files that a timer sets off is over before the next timer runs, however long it takes', async () => {
  const { time, activity, machine } = newMachine()
  const events: string[] = []
  time.after(1000, () => {
    const write = new Promise<void>((resolve) => nodeRuntime.timers.after(20, resolve))
    void activity.during(write).then(() => events.push('written'))
  })
  time.after(1010, () => events.push('second'))
  await machine.advance(2000, 0)
  expect(events).toEqual(['written', 'second'])
})

test('a day with a timer of 10 ms runs it often, and far less than eight million times', async () => {
  const { time, machine } = newMachine()
  let count = 0
  time.every(10, () => {
    count += 1
  })
  await machine.advance(24 * 3_600_000, 0)
  expect(count).toBeGreaterThan(10_000)
  expect(count).toBeLessThan(20_000)
})

test('two advances at once happen one after the other', async () => {
  const { time, machine } = newMachine()
  const beforeMs = time.now()
  await Promise.all([machine.advance(1000, 0), machine.advance(2000, 0)])
  expect(time.now() - beforeMs).toBeGreaterThanOrEqual(3000)
})

test('an advance in which a task fails says so, and the next one is not affected', async () => {
  const { time, machine } = newMachine()
  time.after(10, () => {
    throw new Error('the task failed')
  })
  await expect(machine.advance(100, 0)).rejects.toThrow('the task failed')
  await machine.advance(100, 0)
})

test('traffic that never ends holds an advance up for about a second and not for ever', async () => {
  const { activity } = newMachine()
  const state = { goesOn: true }
  const turn = (): void => {
    activity.noteTraffic()
    if (state.goesOn) nodeRuntime.timers.turnEnd(turn)
  }
  turn()
  await activity.settled(1)
  state.goesOn = false
})
