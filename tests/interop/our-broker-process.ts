import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { freeBrokerPort } from './free-port.js'
import { type JavaBrokerOptions, storeFileSizes } from './java-broker.js'
import { writeProperties } from './java-properties.js'
import { TemporaryFolder } from './temporary-folder.js'

const runApp = fileURLToPath(new URL('../../scripts/run-app.mjs', import.meta.url))
const running = new Set<number>()
process.on('exit', () => {
  for (const pid of running) process.kill(pid, 'SIGKILL')
})

/** Our broker as its users run it, `broker-server -c broker.conf`, with the same options as a Java broker: it can be killed. */
export class OurBrokerProcess implements AsyncDisposable {
  readonly address: string
  readonly port: number
  readonly #pid: number
  readonly #exited: Promise<unknown>
  readonly #folder: TemporaryFolder

  private constructor(parts: { port: number; pid: number; launcher: ChildProcess; folder: TemporaryFolder }) {
    this.address = `127.0.0.1:${parts.port}`
    this.port = parts.port
    this.#pid = parts.pid
    this.#folder = parts.folder
    running.add(parts.pid)
    this.#exited = once(parts.launcher, 'close').then(() => running.delete(parts.pid))
  }

  static async start({ configuration, ...options }: JavaBrokerOptions): Promise<OurBrokerProcess> {
    const folder = new TemporaryFolder()
    const port = options.listenPort ?? (await freeBrokerPort())
    const file = writeProperties(`${folder.path}/broker.conf`, {
      brokerClusterName: 'InteropCluster',
      brokerIP1: '127.0.0.1',
      storePathRootDir: `${folder.path}/store`,
      ...storeFileSizes,
      ...options,
      listenPort: port,
      ...configuration,
    })
    const launcher = spawn(process.execPath, [runApp, 'broker-server', '-c', file], {
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const pid = await readyPid(launcher)
    return new OurBrokerProcess({ port, pid, launcher, folder })
  }

  /** Closes the store in order. */
  async stop(): Promise<void> {
    this.#signal('SIGTERM')
    await this.#exited
  }

  /** kill -9. */
  async kill(): Promise<void> {
    this.#signal('SIGKILL')
    await this.#exited
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill()
    this.#folder[Symbol.dispose]()
  }

  #signal(signal: NodeJS.Signals): void {
    if (running.has(this.#pid)) process.kill(this.#pid, signal)
  }
}

/** The process id in the line that says both servers answer; fails with what was said instead. */
async function readyPid(launcher: ChildProcess): Promise<number> {
  const said: string[] = []
  launcher.stderr!.on('data', (chunk: Buffer) => said.push(chunk.toString()))
  for await (const line of createInterface({ input: launcher.stdout! })) {
    said.push(`${line}\n`)
    const ready = /^broker-server ready pid=(\d+) /.exec(line)
    if (ready === null) continue
    // What it says from now on is not read, but must not fill the pipe.
    launcher.stdout!.resume()
    return Number(ready[1])
  }
  throw new Error(`broker-server did not become ready; it said:\n${said.join('')}`)
}
