import type { DispatchRequest } from '../dispatch/dispatch-request.js'
import type { AppendedPut } from './appended-put.js'

/** Holds back written records until they may be shown: with SYNC_FLUSH only durable ones are dispatched. */
export class ConfirmedRecords {
  readonly #onConfirmed: (requests: readonly DispatchRequest[]) => void
  #held: DispatchRequest[] = []

  constructor(onConfirmed: (requests: readonly DispatchRequest[]) => void) {
    this.#onConfirmed = onConfirmed
  }

  /** Adds records that were written, in the order of the log. */
  add(puts: readonly AppendedPut[]): void {
    for (const { requests } of puts) for (const request of requests) this.#held.push(request)
  }

  /** Hands on the records that end at `confirmOffset` or before. */
  confirmUpTo(confirmOffset: number): void {
    const last = this.#held.at(-1)
    if (last === undefined) return
    if (last.commitLogOffset + last.msgSize <= confirmOffset) {
      const all = this.#held
      this.#held = []
      this.#onConfirmed(all)
      return
    }
    const firstBehind = this.#held.findIndex((request) => request.commitLogOffset + request.msgSize > confirmOffset)
    if (firstBehind > 0) this.#onConfirmed(this.#held.splice(0, firstBehind))
  }
}
