import { freeBrokerPort } from './free-port.js'
import { JavaProcess } from './java-process.js'
import { type JavaProperties, writeProperties } from './java-properties.js'
import { TemporaryFolder } from './temporary-folder.js'

/** The sizes of the files of a store, small, and the same for Java's broker and ours: they are part of the format. */
export const storeFileSizes = {
  mappedFileSizeCommitLog: 1_048_576,
  mappedFileSizeConsumeQueue: 6_000,
  maxHashSlotNum: 500,
  maxIndexNum: 2_000,
}

export interface JavaBrokerOptions {
  readonly namesrvAddr: string
  readonly brokerName: string
  readonly brokerClusterName?: string
  /** Left out: a store of its own, removed with the broker. */
  readonly storePathRootDir?: string
  /** Left out: a free one. */
  readonly listenPort?: number
  /** Further keys of broker.conf. */
  readonly configuration?: JavaProperties
}

/** Apache RocketMQ's broker, registered at its name server. */
export class JavaBroker implements AsyncDisposable {
  readonly address: string
  readonly port: number
  readonly process: JavaProcess
  readonly #folder: TemporaryFolder

  private constructor(port: number, process: JavaProcess, folder: TemporaryFolder) {
    this.address = `127.0.0.1:${port}`
    this.port = port
    this.process = process
    this.#folder = folder
  }

  static async start({ configuration, ...options }: JavaBrokerOptions): Promise<JavaBroker> {
    const folder = new TemporaryFolder()
    const listenPort = options.listenPort ?? (await freeBrokerPort())
    const file = writeProperties(`${folder.path}/broker.conf`, {
      brokerClusterName: 'InteropCluster',
      brokerIP1: '127.0.0.1',
      storePathRootDir: `${folder.path}/store`,
      ...storeFileSizes,
      // A cold JVM on a busy machine must not refuse a send for having queued 200 ms.
      waitTimeMillsInSendQueue: 10_000,
      osPageCacheBusyTimeOutMills: 10_000,
      ...options,
      listenPort,
      ...configuration,
    })
    const process = await JavaProcess.start({
      mainClass: 'Tether',
      args: ['Broker', '-c', file],
    })
    await process.line((line) => line === 'registered')
    return new JavaBroker(listenPort, process, folder)
  }

  /** Closes the store in order. */
  stop(): Promise<void> {
    return this.process.stop()
  }

  /** kill -9. */
  kill(): Promise<void> {
    return this.process.kill()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.process[Symbol.asyncDispose]()
    this.#folder[Symbol.dispose]()
  }
}
