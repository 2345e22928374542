import { afterAll, beforeAll, describe } from 'vitest'
import type { Consumers } from './consumers.js'
import { ConsumerSession } from './consumer-session.js'
import { JavaConsumers } from './java-consumers.js'
import { hasJava } from './java-presence.js'
import { liteConsumerContract } from './lite-consumer-contract.js'
import { pullConsumerContract } from './pull-consumer-contract.js'
import { pushConsumerContract } from './push-consumer-contract.js'
import { retryContract } from './retry-contract.js'
import type { Servers } from './servers.js'

// Most of these tests wait, for rebalances, delays and offsets: they do so together.
const together = describe.skipIf(!hasJava).concurrent

/**
 * What Apache RocketMQ's consumers get from any name server and broker worth the name: Apache's own, and ours. The servers are to be
 * configured with `shortDelays`.
 */
export function javaConsumerContract(title: string, startServers: () => Promise<Servers>): void {
  together(`Java consumers of ${title}`, () => {
    const session = sessionOf(startServers, (namesrvAddr) => JavaConsumers.start(namesrvAddr))
    pushConsumerContract(session)
    retryContract(session)
    pullConsumerContract(session)
    liteConsumerContract(session)
  })
}

/** What any consumers worth the name get from Apache RocketMQ's servers: the same. */
export function consumerContract<Make extends Consumers>(
  title: string,
  start: { servers: () => Promise<Servers>; consumers: (namesrvAddr: string) => Promise<Make> },
): void {
  together(title, () => {
    const session = sessionOf(start.servers, start.consumers)
    pushConsumerContract(session)
    retryContract(session)
    pullConsumerContract(session)
  })
}

function sessionOf<Make extends Consumers>(
  startServers: () => Promise<Servers>,
  startConsumers: (namesrvAddr: string) => Promise<Make>,
): () => ConsumerSession<Make> {
  let session: ConsumerSession<Make> | undefined

  beforeAll(async () => {
    session = await ConsumerSession.startWith(startServers, startConsumers)
  })
  afterAll(() => session?.[Symbol.asyncDispose]())
  return () => session!
}
