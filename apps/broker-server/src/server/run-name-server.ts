import { NameServer } from '@mq/namesrv'
import { GetBrokerClusterInfo, RemotingClient } from '@mq/remoting'
import type { NameServerConfig } from '../configuration/load-configuration.js'
import { explainListenFailure } from '../process/start-failure.js'
import { untilAborted } from '../process/stop-request.js'
import { reachableHost } from './broker-server.js'
import type { Foreground } from './run-broker.js'

const PROBE_TIMEOUT_MS = 3000

/** Runs a name server alone until the stop is asked for. Throws PortError when its port cannot be used. */
export async function runNameServer(config: NameServerConfig, { logger, stop, announce }: Foreground): Promise<void> {
  const server = await startNameServer(config, logger)
  try {
    const address = `${reachableHost(config.bindAddress)}:${server.port}`
    await using remoting = new RemotingClient()
    await remoting.invoke(address, GetBrokerClusterInfo, {}, { timeoutMs: PROBE_TIMEOUT_MS })
    announce(`broker-server ready pid=${process.pid} namesrv=${address}`)
    await untilAborted(stop)
  } finally {
    await server.close()
  }
  logger.info('stopped')
}

async function startNameServer(config: NameServerConfig, logger: Foreground['logger']): Promise<NameServer> {
  const { listenPort, bindAddress } = config
  try {
    return await NameServer.start({ ...config, logger })
  } catch (cause) {
    throw explainListenFailure(cause, { host: bindAddress, port: listenPort, portKey: 'listenPort' })
  }
}
