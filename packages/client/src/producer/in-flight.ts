/** Counts the calls that have not ended, so that a close can wait for them. */
export class InFlight {
  #count = 0
  #onIdle: Array<() => void> = []

  /** Calls that have not ended. */
  get count(): number {
    return this.#count
  }

  /** Counts a call until it settles. */
  async during<T>(call: () => Promise<T>): Promise<T> {
    this.#count += 1
    try {
      return await call()
    } finally {
      this.#count -= 1
      if (this.#count === 0) for (const tell of this.#onIdle.splice(0)) tell()
    }
  }

  /** Resolves once no call is in flight. */
  idle(): Promise<void> {
    if (this.#count === 0) return Promise.resolve()
    return new Promise((resolve) => this.#onIdle.push(resolve))
  }
}
