import { freePort } from './free-port.js'
import { JavaProcess } from './java-process.js'
import { writeProperties } from './java-properties.js'
import { TemporaryFolder } from './temporary-folder.js'

/** Apache RocketMQ's name server on a free port. */
export class JavaNameServer implements AsyncDisposable {
  readonly address: string
  readonly process: JavaProcess
  readonly #folder: TemporaryFolder

  private constructor(address: string, process: JavaProcess, folder: TemporaryFolder) {
    this.address = address
    this.process = process
    this.#folder = folder
  }

  static async start(): Promise<JavaNameServer> {
    const folder = new TemporaryFolder()
    const listenPort = await freePort()
    const configuration = writeProperties(`${folder.path}/namesrv.conf`, { listenPort, bindAddress: '127.0.0.1' })
    const process = await JavaProcess.start({
      mainClass: 'Tether',
      args: ['org.apache.rocketmq.namesrv.NamesrvStartup', '-c', configuration],
    })
    await process.line((line) => line.includes('boot success'))
    return new JavaNameServer(`127.0.0.1:${listenPort}`, process, folder)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.process[Symbol.asyncDispose]()
    this.#folder[Symbol.dispose]()
  }
}
