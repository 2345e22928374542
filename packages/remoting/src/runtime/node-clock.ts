import { performance } from 'node:perf_hooks'
import type { Clock } from './runtime.js'

/** The machine's clocks. */
export const nodeClock: Clock = {
  now(): number {
    return Date.now()
  },
  monotonic(): number {
    return performance.now()
  },
}
