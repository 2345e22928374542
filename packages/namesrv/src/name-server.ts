import {
  formatAddress,
  type Logger,
  nodeRuntime,
  RemotingClient,
  RemotingServer,
  type Runtime,
  type SerializeType,
  silentLogger,
} from '@mq/remoting'
import { serveConfiguration } from './configuration/config-requests.js'
import { createNamesrvConfig, type NamesrvConfigValues } from './configuration/namesrv-config.js'
import { NamesrvStartError } from './errors.js'
import type { KvConfigFile } from './kv-config/kv-config-file.js'
import { KVConfigManager } from './kv-config/kv-config-manager.js'
import { serveKvConfig } from './kv-config/kv-config-requests.js'
import { NodeKvConfigFile } from './kv-config/node-kv-config-file.js'
import { defaultNameServerLimits, type NameServerLimits } from './name-server-limits.js'
import { BatchUnregistrationService } from './routes/batch-unregistration-service.js'
import { BrokerHousekeepingService } from './routes/broker-housekeeping.js'
import type { MinBrokerIdChange } from './routes/broker-registration.js'
import { serveBrokers } from './routes/broker-requests.js'
import { notifyMinBrokerIdChanged } from './routes/min-broker-id-notice.js'
import { RouteInfoManager } from './routes/route-info-manager.js'
import { serveTopics } from './routes/topic-requests.js'

const DEFAULT_CLOSE_TIMEOUT_MS = 3_000

/** Settings of a name server and what it runs on; everything may be left out. */
export interface NameServerOptions extends Partial<NamesrvConfigValues> {
  readonly runtime?: Runtime
  readonly logger?: Logger
  /** Where the key-value configuration is kept; overrides `kvConfigPath`. */
  readonly kvConfigFile?: KvConfigFile
  /** See {@link defaultNameServerLimits} for what is left out. */
  readonly limits?: Partial<NameServerLimits>
  /** How headers of answers are encoded. Default JSON, which every peer reads. */
  readonly serializeType?: SerializeType
}

/**
 * Knows which brokers live and which topics they have, and tells clients. Holds no messages; brokers register anew whenever it
 * starts, so that only its key-value configuration is worth keeping. Java: NamesrvController.
 */
export class NameServer {
  readonly #server: RemotingServer
  readonly #client: RemotingClient
  readonly #kvConfig: KVConfigManager
  readonly #housekeeping: BrokerHousekeepingService
  readonly #unregistration: BatchUnregistrationService
  #closing: Promise<void> | undefined

  private constructor(options: NameServerOptions) {
    const { runtime = nodeRuntime, logger = silentLogger } = options
    const { clock, timers } = runtime
    const config = createNamesrvConfig(options)
    const limits = { ...defaultNameServerLimits, ...options.limits }
    this.#client = new RemotingClient({ runtime, logger })
    this.#server = createServer(options, config)
    this.#kvConfig = new KVConfigManager({
      file:
        options.kvConfigFile ?? (config.kvConfigPath === '' ? undefined : new NodeKvConfigFile(config.kvConfigPath)),
      maxEntries: limits.maxKvConfigEntries,
      maxEntryLength: limits.maxKvConfigEntryLength,
    })
    const onMinBrokerIdChanged = (change: MinBrokerIdChange): void => {
      if (config.notifyMinBrokerIdChanged) notifyMinBrokerIdChanged(this.#client, change, logger)
    }
    const { maxBrokers } = limits
    const routes = new RouteInfoManager({ clock, settings: config, logger, maxBrokers, onMinBrokerIdChanged })
    const capacity = config.unRegisterBrokerQueueCapacity
    this.#unregistration = new BatchUnregistrationService({ timers, routes, capacity })
    this.#housekeeping = new BrokerHousekeepingService({
      timers,
      routes,
      unregistration: this.#unregistration,
      logger,
      scanIntervalMs: config.scanNotActiveBrokerInterval,
    })
    this.#server.onConnectionClosed((connection) => this.#housekeeping.onChannelClosed(connection))

    const { handlers } = this.#server
    serveTopics(handlers, { routes, kvConfig: this.#kvConfig, config, clock })
    serveBrokers(handlers, { routes, unregistration: this.#unregistration, kvConfig: this.#kvConfig, config, limits })
    serveKvConfig(handlers, this.#kvConfig)
    serveConfiguration(handlers, config, logger)
  }

  /**
   * Loads the key-value configuration and listens.
   * @throws NamesrvConfigError for a setting out of its bounds.
   * @throws KvConfigFileError if the file cannot be read.
   * @throws NamesrvStartError if the port cannot be bound.
   */
  static async start(options: NameServerOptions = {}): Promise<NameServer> {
    const nameServer = new NameServer(options)
    try {
      await nameServer.#start()
    } catch (error) {
      await nameServer.close()
      throw error
    }
    return nameServer
  }

  /** What clients and brokers are given as namesrvAddr: `127.0.0.1:9876`. */
  get address(): string {
    return formatAddress(this.#server.endpoint)
  }

  get port(): number {
    return this.#server.endpoint.port
  }

  /** Stops accepting, answers what is being handled, ends every connection. May be called again. */
  close({ timeoutMs = DEFAULT_CLOSE_TIMEOUT_MS }: { readonly timeoutMs?: number } = {}): Promise<void> {
    this.#closing ??= this.#close(timeoutMs)
    return this.#closing
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #start(): Promise<void> {
    await this.#kvConfig.load()
    try {
      await this.#server.start()
    } catch (cause) {
      const address = this.address
      const message = `${address} could not be bound: see which program holds the port, or set listenPort to another one`
      throw new NamesrvStartError(message, { cause, fields: { address } })
    }
    this.#client.start()
  }

  async #close(timeoutMs: number): Promise<void> {
    this.#housekeeping.stop()
    await this.#server.close({ timeoutMs })
    await this.#client.close({ timeoutMs })
    await this.#kvConfig.idle()
  }
}

function createServer(options: NameServerOptions, config: NamesrvConfigValues): RemotingServer {
  const { runtime, logger, serializeType } = options
  return new RemotingServer({
    host: config.bindAddress,
    port: config.listenPort,
    limits: { idleTimeoutMs: config.serverChannelMaxIdleTimeSeconds * 1_000 },
    ...(runtime && { runtime }),
    ...(logger && { logger }),
    ...(serializeType && { serializeType }),
  })
}
