import { RemotingTimeoutError } from '../errors.js'

/** When a peer has been silent, slow or absent for too long. Milliseconds; Infinity switches one off. */
export interface ActivityLimits {
  /** From the connection's start to its first complete frame. */
  readonly firstFrameTimeoutMs: number
  /** From the first byte of a frame to its last. */
  readonly frameTimeoutMs: number
  /** Without a byte in either direction. */
  readonly idleTimeoutMs: number
  /** While bytes wait for the peer and it takes none of them. */
  readonly writeStallTimeoutMs: number
}

/** What a connection's peer did last, in monotonic milliseconds. */
export class Activity {
  readonly #openedMs: number
  #readMs: number
  #writeMs: number
  #progressMs: number
  #partialFrameMs: number | undefined
  #hasReceivedFrame = false

  constructor(nowMs: number) {
    this.#openedMs = nowMs
    this.#readMs = nowMs
    this.#writeMs = nowMs
    this.#progressMs = nowMs
  }

  get hasReceivedFrame(): boolean {
    return this.#hasReceivedFrame
  }

  onRead(nowMs: number): void {
    this.#readMs = nowMs
  }

  onFrame(): void {
    this.#hasReceivedFrame = true
    this.#partialFrameMs = undefined
  }

  /** A chunk has been decoded and a frame is left that is not whole, or none. */
  onChunkDecoded(hasPartialFrame: boolean): void {
    if (!hasPartialFrame) this.#partialFrameMs = undefined
    else this.#partialFrameMs ??= this.#readMs
  }

  /** Bytes are about to be written; `isFirst` when none wait before them. */
  onWrite(nowMs: number, isFirst: boolean): void {
    this.#writeMs = nowMs
    if (isFirst) this.#progressMs = nowMs
  }

  /** The kernel took bytes. */
  onWritten(nowMs: number): void {
    this.#writeMs = nowMs
    this.#progressMs = nowMs
  }

  /** Reading begins again after this side had stopped it: what the peer could not do is not held against it. */
  onReadAgain(nowMs: number): void {
    this.#readMs = nowMs
    this.#partialFrameMs = undefined
  }

  /** Why the connection has to close by now, if it has to. */
  passedDeadline(limits: ActivityLimits, now: { nowMs: number; pendingBytes: number }): Error | undefined {
    const { nowMs, pendingBytes } = now
    const { firstFrameTimeoutMs, frameTimeoutMs, idleTimeoutMs, writeStallTimeoutMs } = limits
    if (pendingBytes > 0) {
      return nowMs - this.#progressMs > writeStallTimeoutMs
        ? new RemotingTimeoutError(`the peer has read nothing for ${writeStallTimeoutMs} ms`)
        : undefined
    }
    if (!this.#hasReceivedFrame && nowMs - this.#openedMs > firstFrameTimeoutMs) {
      return new RemotingTimeoutError(`the peer sent no complete frame within ${firstFrameTimeoutMs} ms`)
    }
    if (this.#partialFrameMs !== undefined && nowMs - this.#partialFrameMs > frameTimeoutMs) {
      return new RemotingTimeoutError(`the peer did not complete a frame within ${frameTimeoutMs} ms`)
    }
    return nowMs - Math.max(this.#readMs, this.#writeMs) > idleTimeoutMs
      ? new RemotingTimeoutError(`the connection was idle for ${idleTimeoutMs} ms`)
      : undefined
  }
}
