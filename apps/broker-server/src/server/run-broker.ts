import { type Logger, RemotingClient } from '@mq/remoting'
import type { BrokerServerConfig } from '../configuration/load-configuration.js'
import { isLoopback, isWildcard } from '../configuration/public-listener.js'
import { untilAborted } from '../process/stop-request.js'
import { BrokerServer, reachableHost } from './broker-server.js'
import { isReachable, type ReadinessCheck, untilBrokerAnswers, untilRegistered } from './readiness.js'

/** What a server in the foreground works with. */
export interface Foreground {
  readonly logger: Logger
  /** Aborted when the program shall stop. */
  readonly stop: AbortSignal
  /** Announces on stdout that clients can come. */
  readonly announce: (line: string) => void
}

/** Runs a broker, with its name server if it embeds one, until the stop is asked for. Throws what the start failed of. */
export async function runBroker(config: BrokerServerConfig, foreground: Foreground): Promise<void> {
  const { logger, stop } = foreground
  const server = await BrokerServer.start(config, logger)
  const remoting = new RemotingClient()
  try {
    await announceWhenReady(server, config, { ...foreground, remoting })
    await untilAborted(stop)
  } finally {
    await remoting.close()
    await server.close()
  }
  logger.info('stopped')
}

async function announceWhenReady(
  server: BrokerServer,
  config: BrokerServerConfig,
  { logger, stop, announce, remoting }: Foreground & { readonly remoting: RemotingClient },
): Promise<void> {
  const { broker, nameServers } = server
  const check: ReadinessCheck = { remoting, logger, signal: stop }
  const isReady =
    (await untilBrokerAnswers(check, `${reachableHost(config.bindAddress)}:${broker.port}`)) &&
    (await untilRegistered(check, { nameServers, brokerName: broker.brokerName }))
  if (!isReady) return
  const namesrv = server.embedsNameServer ? embeddedAddress(server, config) : nameServers.join(';')
  announce(
    `broker-server ready pid=${process.pid} namesrv=${namesrv} broker=${broker.address} store=${config.storePathRootDir}`,
  )
  if (!(await isReachable(check, broker.address))) logger.warn(unreachableAdvice(config, broker.address))
}

/** The embedded name server as clients elsewhere reach it. */
function embeddedAddress({ nameServers, broker }: BrokerServer, { bindAddress }: BrokerServerConfig): string {
  const address = nameServers[0]!
  if (!isWildcard(bindAddress)) return address
  return broker.address.replace(/:\d+$/, '') + address.slice(address.lastIndexOf(':'))
}

function unreachableAdvice({ bindAddress }: BrokerServerConfig, advertised: string): string {
  const problem = `clients are told to connect to ${advertised}, which cannot be reached from here`
  const host = advertised.slice(0, advertised.lastIndexOf(':'))
  if (isLoopback(bindAddress) && !isLoopback(host)) {
    return `${problem}, for the broker listens on ${bindAddress} alone: remove brokerIP1, or set bindAddress=0.0.0.0 with allowInsecurePublicListener=true`
  }
  return `${problem}: set brokerIP1 to an address of this machine that clients can reach`
}
