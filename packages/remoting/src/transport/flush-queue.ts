import type { Timers } from '../runtime/runtime.js'

/** Something with bytes to write. */
export interface Flushable {
  flush(): void
}

/** Connections with something to write, each flushed once at the end of the turn: all frames of a turn leave in one write. */
export class FlushQueue {
  readonly #timers: Timers
  #dirty: Flushable[] = []

  constructor(timers: Timers) {
    this.#timers = timers
  }

  /** Flushes at the end of this turn. The caller adds itself once a turn. */
  add(flushable: Flushable): void {
    if (this.#dirty.push(flushable) === 1) this.#timers.turnEnd(this.#flushAll)
  }

  readonly #flushAll = (): void => {
    const dirty = this.#dirty
    this.#dirty = []
    for (const flushable of dirty) flushable.flush()
  }
}
