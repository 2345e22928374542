import { styleText } from 'node:util'

/** stdout for data, stderr for talk. Whoever reads stderr may go away: what is written then is dropped. */
export class Output {
  readonly #hasColors: boolean
  readonly #readerGone = new AbortController()

  constructor({ color, environment }: { color: boolean; environment: NodeJS.ProcessEnv }) {
    this.#hasColors = color && (environment['NO_COLOR'] ?? '') === ''
    process.stdout.on('error', () => this.#readerGone.abort())
    // Without a reader there is nobody left to tell.
    process.stderr.on('error', () => {})
  }

  /** Aborted when nobody reads stdout any more. */
  get readerGone(): AbortSignal {
    return this.#readerGone.signal
  }

  /** Whether data may be coloured. */
  get isDataColored(): boolean {
    return this.#hasColors && process.stdout.isTTY
  }

  /** Writes a line of data; false when the reader is behind, until {@link onceDrained} calls back. */
  data(line: string): boolean {
    return this.readerGone.aborted || process.stdout.write(`${line}\n`)
  }

  /** Calls back once the reader has caught up; returns what takes that back. */
  onceDrained(callback: () => void): () => void {
    process.stdout.once('drain', callback)
    return () => process.stdout.off('drain', callback)
  }

  /** Tells the user something. */
  say(text: string): void {
    process.stderr.write(`${text}\n`)
  }

  /** Tells the user what went wrong. */
  complain(text: string): void {
    const line = `cli-consumer: ${text}\n`
    process.stderr.write(this.#hasColors && process.stderr.isTTY ? styleText('red', line) : line)
  }
}
