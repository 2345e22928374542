import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { javaClassPath } from '../tests/interop/java-toolchain.js'

/** A program that consumes when it is asked to, in a process of its own. */
export class MeasuredConsumer implements AsyncDisposable {
  readonly name: string
  readonly pid: number
  readonly #child: ChildProcess
  readonly #answers: AsyncIterator<string>

  private constructor(name: string, command: readonly string[]) {
    const [program = '', ...args] = command
    this.name = name
    this.#child = spawn(program, args, { stdio: ['pipe', 'pipe', 'ignore'] })
    this.pid = this.#child.pid ?? 0
    if (this.#child.stdout === null) throw new Error(`the ${name} consumer has no output`)
    this.#answers = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]()
  }

  static ours(namesrvAddr: string): MeasuredConsumer {
    const program = fileURLToPath(new URL('./programs/consume.ts', import.meta.url))
    return new MeasuredConsumer('ours', [process.execPath, '--import', 'tsx', program, namesrvAddr])
  }

  /** With the virtual machine's own defaults. */
  static async java(namesrvAddr: string): Promise<MeasuredConsumer> {
    const main = ['-cp', await javaClassPath(), 'ConsumeBenchmark', namesrvAddr]
    return new MeasuredConsumer('Java', ['java', '-Drocketmq.client.logLevel=ERROR', ...main])
  }

  async ask(request: object): Promise<Record<string, unknown>> {
    this.#child.stdin?.write(`${JSON.stringify(request)}\n`)
    for (;;) {
      const { value, done } = (await this.#answers.next()) as IteratorResult<string, undefined>
      if (done === true) throw new Error(`the ${this.name} consumer ended`)
      if (!value.startsWith('{')) continue
      const answer = JSON.parse(value) as Record<string, unknown>
      if (typeof answer['error'] === 'string') throw new Error(`the ${this.name} consumer: ${answer['error']}`)
      return answer
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill('SIGKILL')
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      await new Promise((resolve) => this.#child.once('close', resolve))
    }
  }
}
