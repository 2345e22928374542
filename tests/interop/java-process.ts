import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { javaClassPath } from './java-toolchain.js'
import { TemporaryFolder } from './temporary-folder.js'

const running = new Set<ChildProcessWithoutNullStreams>()
// Before anything else that is done at the end: they write to folders that are about to be removed.
process.prependListener('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

/** What to run: a class with a main method, its arguments, and system properties over the usual ones. */
export interface JavaProgram {
  readonly mainClass: string
  readonly args: readonly string[]
  readonly properties?: Readonly<Record<string, string>>
}

/** One JVM, tuned to start fast and stay small, with a home folder of its own. It ends with this process at the latest. */
export class JavaProcess implements AsyncDisposable {
  readonly pid: number
  readonly #child: ChildProcessWithoutNullStreams
  readonly #home: TemporaryFolder
  readonly #exited: Promise<unknown>
  readonly #listeners = new Set<(line: string | undefined) => void>()
  #lastLines: string[] = []

  private constructor(child: ChildProcessWithoutNullStreams, home: TemporaryFolder) {
    this.pid = child.pid!
    this.#child = child
    this.#home = home
    running.add(child)
    this.#exited = once(child, 'close').then(() => {
      running.delete(child)
      this.#tell(undefined)
    })
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on('line', (line) => {
        if (!isLoggerTalk(line)) this.#tell(line)
      })
    }
    // A peer that died is noticed by its end of output; writing to it must not end this process.
    child.stdin.on('error', () => {})
  }

  static async start({ mainClass, args, properties = {} }: JavaProgram): Promise<JavaProcess> {
    const classPath = await javaClassPath()
    const home = new TemporaryFolder()
    const folders = { 'user.home': home.path, 'rocketmq.home.dir': home.path, 'java.io.tmpdir': home.path }
    const settings = { ...folders, ...properties }
    const child = spawn(
      'java',
      [
        '-Xmx512m',
        '-XX:+UseSerialGC',
        '-XX:TieredStopAtLevel=1',
        ...Object.entries(settings).map(([name, value]) => `-D${name}=${value}`),
        ...['-cp', classPath, mainClass, ...args],
      ],
      // Some of mqadmin's commands leave files where they run.
      { cwd: home.path, env: { ...process.env, ROCKETMQ_HOME: home.path } },
    )
    await once(child, 'spawn')
    return new JavaProcess(child, home)
  }

  /** Resolves with the first line that `isWanted`; fails with the last lines if the JVM ends, or `timeoutMs` passes, before. */
  line(isWanted: (line: string) => boolean, { timeoutMs = 60_000 } = {}): Promise<string> {
    return new Promise((resolve, reject) => {
      const finish = (settle: () => void): void => {
        clearTimeout(timer)
        this.#listeners.delete(listener)
        settle()
      }
      const fail = (why: string): void =>
        finish(() => reject(new Error(`${why}; it last said:\n${this.#lastLines.join('\n')}`)))
      const listener = (line: string | undefined): void => {
        if (line === undefined) fail('the JVM ended')
        else if (isWanted(line)) finish(() => resolve(line))
      }
      const timer = setTimeout(() => fail(`the JVM did not answer within ${timeoutMs} ms`), timeoutMs)
      this.#listeners.add(listener)
      if (this.#child.exitCode !== null || this.#child.signalCode !== null) fail('the JVM has ended')
    })
  }

  writeLine(text: string): void {
    this.#child.stdin.write(`${text}\n`)
  }

  /** Asks the JVM to shut down in order, and waits until it has. */
  async stop(): Promise<void> {
    this.#child.kill('SIGTERM')
    await this.#exited
  }

  /** Ends the JVM as a power cut of its process would: nothing more is written. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL')
    await this.#exited
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill()
    this.#home[Symbol.dispose]()
  }

  #tell(line: string | undefined): void {
    if (line !== undefined) this.#lastLines = [...this.#lastLines.slice(-40), line]
    for (const listener of [...this.#listeners]) listener(line)
  }
}

/** Logback reports on its own configuration on standard output: `12:00:00,000 |-INFO in …`. */
export function isLoggerTalk(line: string): boolean {
  return /^\d\d:\d\d:\d\d,\d{3} \|-/.test(line)
}
