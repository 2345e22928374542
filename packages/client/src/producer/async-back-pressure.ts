import type { Deadline } from '../deadline.js'
import { MQClientError } from '../errors.js'

/** How much may be in flight. */
export interface AsyncBackPressureLimits {
  readonly messages: number
  readonly bytes: number
}

interface Waiter {
  readonly size: number
  admit(): void
}

/**
 * Lets asynchronous sends in first come, first served, while messages and bytes in flight stay within their limits.
 * `0 <= messages in flight <= limits.messages`, the same for bytes. Java: semaphoreAsyncSendNum and semaphoreAsyncSendSize.
 */
export class AsyncBackPressure {
  readonly #limits: AsyncBackPressureLimits
  readonly #waiters = new Set<Waiter>()
  #messages = 0
  #bytes = 0

  constructor(limits: AsyncBackPressureLimits) {
    this.#limits = limits
  }

  /**
   * Waits for room for a message with a body of `bytes`, and returns what gives the room back (at most once). A body larger
   * than the limit takes all of it. Rejects with MQClientError TOO_MANY_SENDS when the time is over.
   */
  async acquire(bytes: number, deadline: Deadline): Promise<() => void> {
    const size = Math.min(bytes, this.#limits.bytes)
    if (this.#waiters.size > 0 || !this.#hasRoom(size)) await this.#wait(size, deadline)
    else this.#take(size)
    let isHeld = true
    return () => {
      if (!isHeld) return
      isHeld = false
      this.#messages -= 1
      this.#bytes -= size
      this.#admit()
    }
  }

  async #wait(size: number, deadline: Deadline): Promise<void> {
    let waiter: Waiter | undefined
    const admitted = new Promise<void>((resolve) => {
      waiter = { size, admit: resolve }
      this.#waiters.add(waiter)
    })
    try {
      await deadline.wait(admitted, () => tooMany(deadline))
    } catch (cause) {
      if (waiter !== undefined && this.#waiters.delete(waiter)) this.#admit()
      throw cause
    }
  }

  #admit(): void {
    for (const waiter of this.#waiters) {
      if (!this.#hasRoom(waiter.size)) return
      this.#waiters.delete(waiter)
      this.#take(waiter.size)
      waiter.admit()
    }
  }

  #hasRoom(size: number): boolean {
    return this.#messages < this.#limits.messages && this.#bytes + size <= this.#limits.bytes
  }

  #take(size: number): void {
    this.#messages += 1
    this.#bytes += size
  }
}

function tooMany(deadline: Deadline): MQClientError {
  return new MQClientError(`no room for another asynchronous send within ${deadline.timeoutMs} ms`, {
    code: 'TOO_MANY_SENDS',
    remedy: 'raise backPressureForAsyncSendNum, backPressureForAsyncSendSize or the timeout, or send less at once',
  })
}
