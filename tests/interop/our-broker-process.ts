import type { Program, Programs } from '../journey/programs.js'
import { freeBrokerPort } from './free-port.js'
import { type JavaBrokerOptions, storeFileSizes } from './java-broker.js'
import { writeProperties } from './java-properties.js'
import { TemporaryFolder } from './temporary-folder.js'

/** Our broker as its users run it, `broker-server -c broker.conf`, with the same options as a Java broker: it can be killed. */
export class OurBrokerProcess implements AsyncDisposable {
  readonly address: string
  readonly port: number
  readonly #program: Program
  readonly #folder: TemporaryFolder

  private constructor(port: number, program: Program, folder: TemporaryFolder) {
    this.address = `127.0.0.1:${port}`
    this.port = port
    this.#program = program
    this.#folder = folder
  }

  static async start(programs: Programs, { configuration, ...options }: JavaBrokerOptions): Promise<OurBrokerProcess> {
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
    const program = programs.brokerServer(['-c', file])
    const broker = new OurBrokerProcess(port, program, folder)
    try {
      await program.untilStdout(/^broker-server ready .*\n/)
      return broker
    } catch (error) {
      await broker[Symbol.asyncDispose]()
      throw error
    }
  }

  /** Closes the store in order. */
  async stop(): Promise<void> {
    this.#program.signal('SIGTERM')
    const { code, stderr } = await this.#program.ended
    if (code !== 0) throw new Error(`broker-server ended with ${code}:\n${stderr}`)
  }

  /** kill -9. */
  async kill(): Promise<void> {
    this.#program.signal('SIGKILL')
    await this.#program.ended
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#program[Symbol.asyncDispose]()
    this.#folder[Symbol.dispose]()
  }
}
