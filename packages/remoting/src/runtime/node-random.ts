import { randomBytes } from 'node:crypto'
import type { Random } from './runtime.js'

/** The process's own randomness. */
export const nodeRandom: Random = {
  next(): number {
    return Math.random()
  },
  int(boundExclusive: number): number {
    return Math.floor(Math.random() * boundExclusive)
  },
  bytes(size: number): Buffer {
    return randomBytes(size)
  },
}
