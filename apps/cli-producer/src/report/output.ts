import { styleText } from 'node:util'

/** stdout for data, stderr for talk. Whoever reads them may go away: what is written then is dropped. */
export class Output {
  readonly #isColored: boolean
  #stdoutIsGone = false

  constructor({ color, environment }: { color: boolean; environment: NodeJS.ProcessEnv }) {
    this.#isColored = color && (environment['NO_COLOR'] ?? '') === '' && process.stderr.isTTY
    process.stdout.on('error', () => {
      this.#stdoutIsGone = true
    })
    // Without a reader there is nobody left to tell.
    process.stderr.on('error', () => {})
  }

  /** Writes a line of data; false when the reader is behind. */
  data(line: string): boolean {
    if (this.#stdoutIsGone) return true
    return process.stdout.write(`${line}\n`)
  }

  /** Tells the user something. */
  say(text: string): void {
    process.stderr.write(text)
  }

  /** Tells the user what went wrong. */
  complain(text: string): void {
    const line = `cli-producer: ${text}\n`
    process.stderr.write(this.#isColored ? styleText('red', line) : line)
  }
}
