import { describe, expect, test } from 'vitest'
import { SimulatedRuntime } from '../testing/simulated-runtime.js'
import { Deadline, DeadlineWheel } from './deadline-wheel.js'

class Recorded extends Deadline {
  readonly #onPassed: (deadline: Recorded) => void

  constructor(deadlineMs: number, onPassed: (deadline: Recorded) => void) {
    super()
    this.deadlineMs = deadlineMs
    this.#onPassed = onPassed
  }

  override onDeadline(): void {
    this.#onPassed(this)
  }
}

describe('DeadlineWheel', () => {
  test('deadlines pass within two ticks of their time, never early, near and far', async () => {
    const world = new SimulatedRuntime({ seed: 1 })
    const wheel = new DeadlineWheel(world)
    const lateness: number[] = []
    const times = [0, 1, 9.5, 10, 500, 5_119, 5_120, 5_121, 60_000, 1_000_000]
    for (const time of times) {
      wheel.add(new Recorded(time, ({ deadlineMs }) => lateness.push(world.clock.monotonic() - deadlineMs)))
    }
    await world.advance(1_000_100)
    expect(lateness).toHaveLength(times.length)
    for (const late of lateness) {
      expect(late).toBeGreaterThanOrEqual(0)
      expect(late).toBeLessThanOrEqual(20)
    }
    expect(wheel.size).toBe(0)
  })

  test('a removed deadline does not pass, not even when one of the same tick removes it', async () => {
    const world = new SimulatedRuntime({ seed: 1 })
    const wheel = new DeadlineWheel(world)
    const passed: string[] = []
    const removed = new Recorded(50, () => passed.push('removed'))
    wheel.add(
      new Recorded(50, () => {
        passed.push('first')
        wheel.remove(removed)
        wheel.remove(removed)
      }),
    )
    wheel.add(removed)
    await world.advance(1_000)
    expect(passed).toEqual(['first'])
    expect(wheel.size).toBe(0)
  })

  test('an empty wheel stops its timer, and turns again for the next deadline', async () => {
    const world = new SimulatedRuntime({ seed: 1 })
    const wheel = new DeadlineWheel(world)
    let passed = 0
    wheel.add(new Recorded(5, () => (passed += 1)))
    await world.advance(10_000)
    // Nothing is left that could make time pass.
    await expect(world.run(new Promise(() => {}))).rejects.toThrow('stuck')
    wheel.add(new Recorded(world.clock.monotonic() + 5, () => (passed += 1)))
    await world.advance(100)
    expect(passed).toBe(2)
  })
})
