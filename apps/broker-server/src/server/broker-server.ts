import { join } from 'node:path'
import { Broker, brokerConfigTable, type BrokerOptions } from '@mq/broker'
import { NameServer } from '@mq/namesrv'
import type { Logger } from '@mq/remoting'
import type { BrokerServerConfig } from '../configuration/load-configuration.js'
import { isWildcard } from '../configuration/public-listener.js'
import { explainListenFailure } from '../process/start-failure.js'

/** A broker in this process, and its name server unless it was told of others. */
export class BrokerServer {
  readonly broker: Broker
  /** Name servers that the broker registers at, `host:port` each. */
  readonly nameServers: readonly string[]
  readonly #nameServer: NameServer | undefined

  private constructor(broker: Broker, nameServers: readonly string[], nameServer: NameServer | undefined) {
    this.broker = broker
    this.nameServers = nameServers
    this.#nameServer = nameServer
  }

  /** Starts both. Throws PortError for a port that cannot be used, and what the broker and its store refuse with. */
  static async start(config: BrokerServerConfig, logger: Logger): Promise<BrokerServer> {
    if (config.namesrvAddr !== '') {
      const broker = await startBroker(config, { logger, namesrvAddr: config.namesrvAddr })
      const nameServers = config.namesrvAddr.split(';').map((address) => address.trim())
      return new BrokerServer(
        broker,
        nameServers.filter((address) => address !== ''),
        undefined,
      )
    }
    const nameServer = await startNameServer(config, logger)
    const namesrvAddr = `${reachableHost(config.bindAddress)}:${nameServer.port}`
    try {
      return new BrokerServer(await startBroker(config, { logger, namesrvAddr }), [namesrvAddr], nameServer)
    } catch (cause) {
      await nameServer.close()
      throw cause
    }
  }

  /** Whether the name server runs in this process. */
  get embedsNameServer(): boolean {
    return this.#nameServer !== undefined
  }

  /** Leaves the name servers, refuses new requests, finishes those in flight and closes the store. */
  async close(): Promise<void> {
    await this.broker.close()
    await this.#nameServer?.close()
  }
}

/** The address at which this machine itself reaches what listens on `bindAddress`. */
export function reachableHost(bindAddress: string): string {
  if (!isWildcard(bindAddress)) return bindAddress
  return bindAddress === '::' ? '::1' : '127.0.0.1'
}

async function startNameServer(config: BrokerServerConfig, logger: Logger): Promise<NameServer> {
  const { bindAddress, namesrvListenPort, storePathRootDir } = config
  try {
    const kvConfigPath = join(storePathRootDir, 'config', 'kvConfig.json')
    return await NameServer.start({ listenPort: namesrvListenPort, bindAddress, kvConfigPath, logger })
  } catch (cause) {
    throw explainListenFailure(cause, {
      host: bindAddress,
      port: namesrvListenPort,
      portKey: 'namesrvListenPort',
      otherwise: `namesrvAddr=${reachableHost(bindAddress)}:${namesrvListenPort} to register at the name server that runs there`,
    })
  }
}

async function startBroker(
  config: BrokerServerConfig,
  { logger, namesrvAddr }: { logger: Logger; namesrvAddr: string },
): Promise<Broker> {
  const known = Object.entries(config).filter(([key]) => Object.hasOwn(brokerConfigTable, key))
  const options = { ...(Object.fromEntries(known) as BrokerOptions), namesrvAddr, logger }
  try {
    return await Broker.start(options)
  } catch (cause) {
    throw explainListenFailure(cause, { host: config.bindAddress, port: config.listenPort, portKey: 'listenPort' })
  }
}
