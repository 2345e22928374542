import { type Logger, silentLogger } from '@mq/remoting'
import { SimulatedRuntime } from '@mq/remoting/testing'
import { expect, test } from 'vitest'
import { ScheduledTasks } from './scheduled-tasks.js'

test('a round that is due while the one before still runs is skipped', async () => {
  const runtime = new SimulatedRuntime({ seed: 1 })
  const tasks = new ScheduledTasks(runtime.timers, silentLogger)
  const starts: number[] = []
  tasks.start({
    name: 'slow',
    firstDelayMs: 10,
    periodMs: 100,
    run: () => {
      starts.push(Math.round(runtime.clock.monotonic()))
      return new Promise((resolve) => runtime.timers.after(150, () => resolve()))
    },
  })
  await runtime.advance(500)
  expect(starts).toEqual([10, 210, 410])
  tasks.cancelAll()
})

test('a round that fails is logged with its name, and the next one runs', async () => {
  const runtime = new SimulatedRuntime({ seed: 1 })
  const logged: unknown[] = []
  const logger: Logger = { ...silentLogger, error: (_message, fields) => void logged.push(fields?.['task']) }
  const tasks = new ScheduledTasks(runtime.timers, logger)
  tasks.start({
    name: 'failing',
    firstDelayMs: 0,
    periodMs: 100,
    run: async () => {
      throw new Error('no')
    },
  })
  await runtime.advance(150)
  expect(logged).toEqual(['failing', 'failing'])
  tasks.cancelAll()
  await runtime.advance(1000)
  expect(logged).toHaveLength(2)
})
