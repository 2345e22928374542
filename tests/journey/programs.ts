import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build, type Options } from 'tsup'
import brokerServerBundle from '../../apps/broker-server/tsup.config.js'
import cliConsumerBundle from '../../apps/cli-consumer/tsup.config.js'
import cliProducerBundle from '../../apps/cli-producer/tsup.config.js'

const appsFolder = fileURLToPath(new URL('../../apps/', import.meta.url))

/** How a program ended. */
export interface Ending {
  /** Undefined when a signal ended it. */
  readonly code: number | undefined
  readonly stdout: string
  readonly stderr: string
}

/** A program in a process of its own. */
export class Program {
  /** Settles when the process is gone and everything it wrote was read. */
  readonly ended: Promise<Ending>
  readonly #child
  readonly #watchers = new Set<() => void>()
  #stdout = ''
  #stderr = ''

  constructor(main: string, args: readonly string[], environment: NodeJS.ProcessEnv = {}) {
    const { NAMESRV_ADDR: _, ...inherited } = process.env
    this.#child = spawn(process.execPath, [main, ...args], {
      env: { ...inherited, ...environment },
      stdio: ['pipe', 'pipe', 'pipe', 'ipc'],
    })
    this.#child.stdout!.setEncoding('utf8').on('data', (text: string) => {
      this.#stdout += text
      this.#notify()
    })
    this.#child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr += text
      this.#notify()
    })
    // A program that has ended reads no more.
    this.#child.stdin!.on('error', () => {})
    // Not the event `close`, which does not come after a disconnect.
    const closings = [this.#child.stdout!, this.#child.stderr!].map((stream) => once(stream, 'close'))
    this.ended = Promise.all([once(this.#child, 'exit'), ...closings]).then(([[code]]) => {
      this.#notify()
      return { code: (code as number | null) ?? undefined, stdout: this.#stdout, stderr: this.#stderr }
    })
  }

  get pid(): number {
    return this.#child.pid!
  }

  /** Waits until stdout holds a match. Rejects with everything written when the program ends before. */
  untilStdout(pattern: RegExp): Promise<RegExpExecArray> {
    return this.#until(pattern, () => this.#stdout)
  }

  /** Waits until stderr holds a match. Rejects with everything written when the program ends before. */
  untilStderr(pattern: RegExp): Promise<RegExpExecArray> {
    return this.#until(pattern, () => this.#stderr)
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal)
  }

  /** Lets go of the program, as a parent that dies does. */
  letGo(): void {
    this.#child.disconnect()
  }

  write(text: string): void {
    this.#child.stdin!.write(text)
  }

  closeInput(): void {
    this.#child.stdin!.end()
  }

  /** Stops reading what the program writes, as `head` does. */
  closeOutput(): void {
    this.#child.stdout!.destroy()
  }

  /** Stops the program, by force if it does not stop by itself. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) this.#child.kill('SIGKILL')
    await this.ended
  }

  #until(pattern: RegExp, text: () => string): Promise<RegExpExecArray> {
    return new Promise((resolve, reject) => {
      const look = (): void => {
        const found = pattern.exec(text())
        const isOver = this.#child.exitCode !== null || this.#child.signalCode !== null
        if (found === null && !isOver) return
        if (found === null) {
          // What it wrote last may still be on its way.
          void this.ended.then(() => {
            const late = pattern.exec(text())
            if (late === null) reject(new Error(`no ${String(pattern)} in:\n${this.#stdout}\n${this.#stderr}`))
            else resolve(late)
          })
        } else resolve(found)
        this.#watchers.delete(look)
      }
      this.#watchers.add(look)
      look()
    })
  }

  #notify(): void {
    for (const look of this.#watchers) look()
  }
}

/** What a broker-server says when it is ready. */
export interface ReadyBroker {
  readonly program: Program
  readonly pid: number
  readonly namesrvAddr: string
  readonly brokerAddr: string
  readonly store: string
}

/** The apps, bundled from their sources as the build bundles them, in a folder of their own. */
export class Programs {
  readonly #folder: string

  private constructor(folder: string) {
    this.#folder = folder
  }

  static async build(): Promise<Programs> {
    const folder = await mkdtemp(join(tmpdir(), 'mq-programs-'))
    const bundles: Array<[string, Options]> = [
      ['broker-server', brokerServerBundle],
      ['cli-producer', cliProducerBundle],
      ['cli-consumer', cliConsumerBundle],
    ]
    for (const [app, options] of bundles) {
      const source = join(appsFolder, app)
      const tsconfig = join(source, 'tsconfig.json')
      const entry = { main: join(source, 'src/main.ts') }
      await build({ ...options, entry, tsconfig, outDir: join(folder, app), config: false, silent: true, clean: false })
    }
    return new Programs(folder)
  }

  brokerServer(args: readonly string[], environment?: NodeJS.ProcessEnv): Program {
    return new Program(join(this.#folder, 'broker-server', 'main.js'), args, environment)
  }

  cliProducer(args: readonly string[], environment?: NodeJS.ProcessEnv): Program {
    return new Program(join(this.#folder, 'cli-producer', 'main.js'), args, environment)
  }

  cliConsumer(args: readonly string[], environment?: NodeJS.ProcessEnv): Program {
    return new Program(join(this.#folder, 'cli-consumer', 'main.js'), args, environment)
  }

  /** Starts a broker with its name server on free ports. Rejects with what it wrote when it does not become ready. */
  async readyBroker(args: readonly string[], environment?: NodeJS.ProcessEnv): Promise<ReadyBroker> {
    const program = this.brokerServer(['--listen-port', '0', '--namesrv-port', '0', ...args], environment)
    const [, pid, namesrvAddr, brokerAddr, store] = await program.untilStdout(
      /^broker-server ready pid=(\d+) namesrv=(\S+) broker=(\S+) store=(.+)\n/,
    )
    return { program, pid: Number(pid), namesrvAddr: namesrvAddr!, brokerAddr: brokerAddr!, store: store! }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.#folder, { recursive: true })
  }
}
