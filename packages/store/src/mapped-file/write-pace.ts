const mebibyte = 1024 * 1024

/**
 * What a MiB takes that needs new pages, in ms, where the kernel has to get them from the host of a virtual machine or has to give up others
 * for them. Where it has memory at hand it takes half a millisecond to one and a half.
 */
const slowMsPerMebibyte = 3
/** Bytes over which the pace is measured. */
const measuredBytes = 32 * mebibyte
/** Bytes written with help until it is measured again without. */
const helpedBytes = 512 * mebibyte

/** How fast the kernel takes the writes of a log: whether it needs pages brought ahead, which take the time of another core. */
export class WritePace {
  readonly #nowMs: () => number
  #isSlow = false
  #bytes = 0
  #tookMs = 0
  #beganMs = 0

  /** `nowMs` is a monotonic clock. */
  constructor(nowMs: () => number) {
    this.#nowMs = nowMs
  }

  /** Whether writes that get no help are slow, as far as is known. */
  get isSlow(): boolean {
    return this.#isSlow
  }

  /** A write begins. */
  begin(): void {
    this.#beganMs = this.#nowMs()
  }

  /** The write that began has ended. */
  end(bytes: number): void {
    this.#bytes += bytes
    this.#tookMs += this.#nowMs() - this.#beganMs
    if (this.#bytes < (this.#isSlow ? helpedBytes : measuredBytes)) return
    this.#isSlow = !this.#isSlow && this.#tookMs / (this.#bytes / mebibyte) > slowMsPerMebibyte
    this.#bytes = 0
    this.#tookMs = 0
  }
}
