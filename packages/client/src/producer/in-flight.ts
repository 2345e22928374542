/** Counts the calls that have not ended, so that a close can wait for them. */
export class InFlight {
  #count = 0
  #onIdle: Array<() => void> = []

  /** Calls that have not ended. */
  get count(): number {
    return this.#count
  }

  /** A call begins. */
  enter(): void {
    this.#count += 1
  }

  /** A call that began has ended. */
  leave(): void {
    this.#count -= 1
    if (this.#count === 0) for (const tell of this.#onIdle.splice(0)) tell()
  }

  /** Resolves once no call is in flight. */
  idle(): Promise<void> {
    if (this.#count === 0) return Promise.resolve()
    return new Promise((resolve) => this.#onIdle.push(resolve))
  }
}
