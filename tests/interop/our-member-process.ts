import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { type PushConsumer, type Queue, until } from './consumers.js'
import type { JavaMessage } from './java-reader.js'

const program = fileURLToPath(new URL('./our-member.ts', import.meta.url))
const tsconfig = fileURLToPath(new URL('../tsconfig.json', import.meta.url))

/** Our push consumer in a process of its own: it can be killed. */
export class OurMemberProcess implements PushConsumer, AsyncDisposable {
  readonly #child
  readonly #lines
  #last: Promise<unknown>

  constructor(options: { namesrvAddr: string; group: string; topic: string }) {
    const { namesrvAddr, group, topic } = options
    this.#child = spawn(process.execPath, ['--import', 'tsx', program, namesrvAddr, group, topic], {
      env: { ...process.env, TSX_TSCONFIG_PATH: tsconfig },
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    // A member that was killed reads no more.
    this.#child.stdin.on('error', () => {})
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]()
    this.#last = this.#line()
  }

  async deliveries(count: number): Promise<readonly JavaMessage[]> {
    let deliveries: readonly JavaMessage[] = []
    await until(async () => {
      const told = await this.#ask<Array<Omit<JavaMessage, 'body'> & { body: { data: number[] } }>>('deliveries')
      deliveries = told.map((message) => ({ ...message, body: Buffer.from(message.body.data) }))
      return deliveries.length >= count
    })
    return deliveries
  }

  queues(): Promise<readonly Queue[]> {
    return this.#ask('queues')
  }

  async stop(): Promise<void> {
    this.#child.stdin.end()
    await this.#ended()
  }

  /** kill -9. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL')
    await this.#ended()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.kill()
  }

  #ask<Answer>(request: string): Promise<Answer> {
    const answer = this.#last.then(() => {
      this.#child.stdin.write(`${request}\n`)
      return this.#line()
    })
    this.#last = answer
    return answer as Promise<Answer>
  }

  async #line(): Promise<unknown> {
    const line: IteratorResult<string> = await this.#lines.next()
    if (line.done === true) throw new Error('the process of our member has ended')
    return JSON.parse(line.value)
  }

  async #ended(): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) await once(this.#child, 'exit')
  }
}
