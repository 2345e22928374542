const notReadable = 1
const notWriteable = 1 << 1
const writeLogicsQueueError = 1 << 2
const writeIndexFileError = 1 << 3
const diskFull = 1 << 4
const fenced = 1 << 5
const logicDiskFull = 1 << 6

const refusesPuts = notWriteable | writeLogicsQueueError | writeIndexFileError | diskFull | fenced | logicDiskFull
const refusesDispatch = notWriteable | writeLogicsQueueError | writeIndexFileError | logicDiskFull

/** Why a store may refuse to be read or written, as bits. Java: RunningFlags. */
export class RunningFlags {
  #bits = 0

  /** The bits, as Java logs them. */
  get flagBits(): number {
    return this.#bits
  }

  get isReadable(): boolean {
    return (this.#bits & notReadable) === 0
  }

  /** Whether puts are accepted. */
  get isWriteable(): boolean {
    return (this.#bits & refusesPuts) === 0
  }

  /** Whether dispatch goes on: a full or fenced log does not stop it. */
  get isConsumeQueueWriteable(): boolean {
    return (this.#bits & refusesDispatch) === 0
  }

  get isDiskFull(): boolean {
    return (this.#bits & diskFull) !== 0
  }

  get isLogicsQueueError(): boolean {
    return (this.#bits & writeLogicsQueueError) !== 0
  }

  makeNotWriteable(): void {
    this.#bits |= notWriteable
  }

  makeLogicsQueueError(): void {
    this.#bits |= writeLogicsQueueError
  }

  makeIndexFileError(): void {
    this.#bits |= writeIndexFileError
  }

  makeDiskFull(): void {
    this.#bits |= diskFull
  }

  /** Puts are accepted again once cleaning has freed the disk. */
  clearDiskFull(): void {
    this.#bits &= ~diskFull
  }
}
