/** Who waits for a permit. */
export interface PermitWaiter {
  /** Called once, when the permit has become the waiter's; it has to release it. */
  onPermit(): void
}

/** A fair counting semaphore: whoever waits longest gets the next permit. */
export class Semaphore {
  readonly permits: number
  #available: number
  readonly #waiters = new Set<PermitWaiter>()
  #isHandingOut = false

  constructor(permits: number) {
    this.permits = permits
    this.#available = permits
  }

  get available(): number {
    return this.#available
  }

  /** Takes a permit if one is free and nobody waits for it. */
  tryAcquire(): boolean {
    if (this.#available === 0 || this.#waiters.size > 0) return false
    this.#available -= 1
    return true
  }

  /** Queues for a permit until {@link PermitWaiter.onPermit}, or {@link cancel}. */
  wait(waiter: PermitWaiter): void {
    this.#waiters.add(waiter)
  }

  /** Leaves the queue. */
  cancel(waiter: PermitWaiter): void {
    this.#waiters.delete(waiter)
  }

  /** Gives permits back; those who wait take them in their order. */
  release(count = 1): void {
    this.#available += count
    // A waiter may release its permit before it returns: the loop already under way hands that one on too.
    if (this.#isHandingOut) return
    this.#isHandingOut = true
    for (const waiter of this.#waiters) {
      if (this.#available === 0) break
      this.#available -= 1
      this.#waiters.delete(waiter)
      waiter.onPermit()
    }
    this.#isHandingOut = false
  }
}
