import { LARGEST_COPIED_BODY } from '@mq/remoting'

/** Buffers kept: 2 MiB. */
const keptTargets = 32

/** Buffers that records are gathered in to be sent, each used again once its answer has been handed to the connection, which copies it. */
export class PullTargets {
  readonly #free: Buffer[] = []

  /** A buffer that nobody else uses until it is given back. */
  take(): Buffer {
    return this.#free.pop() ?? Buffer.allocUnsafeSlow(LARGEST_COPIED_BODY)
  }

  /** What was gathered in it has been sent, or will not be. */
  giveBack(target: Buffer): void {
    if (this.#free.length < keptTargets) this.#free.push(target)
  }
}
