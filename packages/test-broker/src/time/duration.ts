import { TestBrokerError } from '../errors.js'

/** A length of time; its members add up. */
export interface Duration {
  readonly ms?: number
  readonly seconds?: number
  readonly minutes?: number
  readonly hours?: number
}

const unitsMs: Readonly<Record<string, number>> = { ms: 1, seconds: 1000, minutes: 60_000, hours: 3_600_000 }
const yearMs = 366 * 24 * 3_600_000

/** The duration in whole milliseconds, 0 to a year. @throws TestBrokerError TEST_BROKER_ARGUMENT for anything else. */
export function durationMs(duration: Duration): number {
  const entries = Object.entries(duration as Readonly<Record<string, number | undefined>>)
  const totalMs = entries.reduce((sum, [unit, count = 0]) => sum + count * (unitsMs[unit] ?? Number.NaN), 0)
  if (entries.length > 0 && totalMs >= 0 && totalMs <= yearMs) return Math.ceil(totalMs)
  const given = JSON.stringify(duration)
  const message = `${given} is no duration: give ms, seconds, minutes or hours, such as { minutes: 10 }, at most a year`
  throw new TestBrokerError('TEST_BROKER_ARGUMENT', message)
}
