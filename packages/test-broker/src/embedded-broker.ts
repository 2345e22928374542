import { Broker, type BrokerOptions } from '@mq/broker'
import type { Logger, RpcHook, Runtime } from '@mq/remoting'
import type { MessageStoreOptions } from '@mq/store'
import type { SendFaults } from './faults/send-faults.js'
import { FaultyStore } from './storage/faulty-store.js'
import type { Storage } from './storage/storage.js'

/** What an embedded broker stands on. */
export interface EmbeddedBrokerOptions {
  readonly broker: BrokerOptions
  readonly storage: Storage
  /** Of the broker: its wall clock and timers may leap. */
  readonly runtime: Runtime
  /** Of the store, whose upkeep needs no leaps: real timers, the broker's wall clock. */
  readonly storeRuntime: Runtime
  readonly namesrvAddr: string
  /** 0 takes a free one. */
  readonly port: number
  readonly faults: SendFaults
  readonly logger: Logger | undefined
  /** Sees every request of clients. */
  readonly requestWatch: RpcHook
}

/** A broker and the store it owns, started on what the last one left. */
export class EmbeddedBroker {
  readonly broker: Broker
  readonly store: FaultyStore

  private constructor(broker: Broker, store: FaultyStore) {
    this.broker = broker
    this.store = store
  }

  /** Starts store and broker; settles when the name server knows it. */
  static async start(options: EmbeddedBrokerOptions): Promise<EmbeddedBroker> {
    const { storage, runtime, faults, logger } = options
    const store = await FaultyStore.start(storeOptions(options), (topic, result) => faults.afterPut(topic, result))
    const broker = await Broker.start({
      ...options.broker,
      listenPort: options.port,
      vipChannelEnable: false,
      namesrvAddr: options.namesrvAddr,
      storePathRootDir: storage.directory,
      fileSystem: storage.fileSystem,
      messageStore: store,
      runtime,
      sendMessageHooks: [faults],
      rpcHooks: [options.requestWatch],
      ...(logger && { logger }),
    })
    return new EmbeddedBroker(broker, store)
  }

  /** The port it listens on. */
  get port(): number {
    return Number(this.broker.address.slice(this.broker.address.lastIndexOf(':') + 1))
  }

  /** Leaves the name server and closes broker and store. */
  close(): Promise<void> {
    return this.broker.close()
  }
}

function storeOptions({ broker, storage, storeRuntime, logger }: EmbeddedBrokerOptions): MessageStoreOptions {
  // The store takes the keys it knows; those left out get its own defaults.
  const { fileSystem, directory } = storage
  return {
    ...broker,
    storePathRootDir: directory,
    fileSystem,
    runtime: storeRuntime,
    ...(logger && { logger }),
  }
}
