import { decodeClusterInfo, GetBrokerClusterInfo, type Logger, type RemotingClient } from '@mq/remoting'
import { NoRouteError } from '../errors.js'

/** What {@link missingRouteError} asks with. */
export interface MissingRouteOptions {
  readonly remoting: RemotingClient
  readonly logger: Logger
  readonly timeoutMs: number
}

/**
 * Says why name servers that answer have no route of a topic: no broker at all is registered with them, or brokers are, but none
 * has the topic. `detail` is added to the latter. Never rejects: when the name servers do not tell, the topic is called unknown.
 */
export async function missingRouteError(
  topic: string,
  options: MissingRouteOptions,
  detail = '',
): Promise<NoRouteError> {
  const { remoting, logger, timeoutMs } = options
  try {
    const { body } = await remoting.invoke(undefined, GetBrokerClusterInfo, {}, { timeoutMs })
    if (body !== undefined && decodeClusterInfo(body).brokerAddrTable.size === 0) {
      const nameServers = remoting.nameServerAddresses
      return new NoRouteError(
        `there is no route of topic '${topic}': no broker is registered at the name servers ${nameServers.join(', ')}`,
        { code: 'NO_BROKER_REGISTERED', fields: { topic, nameServers } },
      )
    }
  } catch (cause) {
    logger.debug('the name servers did not tell their brokers', { topic, cause })
  }
  return new NoRouteError(`there is no route of topic '${topic}': the name servers do not know it${detail}`, {
    code: 'TOPIC_NOT_FOUND',
    fields: { topic },
  })
}
