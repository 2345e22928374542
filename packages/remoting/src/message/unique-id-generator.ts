import { putInt16, putInt32 } from './big-endian.js'

/** What ids need of a Runtime. */
export interface UniqueIdRuntime {
  /** `now`: milliseconds since the epoch. */
  readonly clock: { now(): number }
  readonly random: { bytes(size: number): Buffer }
}

/** What unique ids are made of. */
export interface UniqueIdGeneratorOptions {
  readonly runtime: UniqueIdRuntime
  /** 4 or 16 bytes of the machine's address. */
  readonly ip: Buffer
  /** Process id; its low 16 bits are used. */
  readonly pid: number
}

/** A clock set back by less than this many milliseconds counts as the month's start. */
const TOLERATED_STEP_BACK_MS = 1_000_000

/**
 * Makes the ids clients give their messages: address, pid, four random bytes, milliseconds since the month began and a
 * 16-bit counter, in upper-case hex (32 characters, 56 for IPv6). Java: MessageClientIDSetter.
 */
export class UniqueIdGenerator {
  readonly #clock: UniqueIdRuntime['clock']
  readonly #prefix: string
  readonly #suffix: Buffer = Buffer.alloc(6)
  #monthStart = 0
  #nextMonthStart = 0
  #counter = 0

  constructor({ runtime, ip, pid }: UniqueIdGeneratorOptions) {
    this.#clock = runtime.clock
    const pidBytes = Buffer.alloc(2)
    putInt16(pidBytes, 0, pid)
    this.#prefix = Buffer.concat([ip, pidBytes, runtime.random.bytes(4)])
      .toString('hex')
      .toUpperCase()
  }

  /** The next id; never twice the same within a process unless 65,536 are made in one millisecond. */
  next(): string {
    const now = this.#clock.now()
    if (now >= this.#nextMonthStart) this.#startMonthOf(now)
    const elapsed = now - this.#monthStart
    const isStepBack = elapsed < 0 && elapsed > -TOLERATED_STEP_BACK_MS
    putInt32(this.#suffix, 0, isStepBack ? 0 : elapsed)
    putInt16(this.#suffix, 4, this.#counter)
    this.#counter = (this.#counter + 1) & 0xffff
    return this.#prefix + this.#suffix.toString('hex').toUpperCase()
  }

  #startMonthOf(now: number): void {
    const date = new Date(now)
    this.#monthStart = new Date(date.getFullYear(), date.getMonth(), 1).getTime()
    this.#nextMonthStart = new Date(date.getFullYear(), date.getMonth() + 1, 1).getTime()
  }
}
