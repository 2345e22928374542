import { afterAll, beforeAll, describe } from 'vitest'
import type { Consumers } from './consumers.js'
import { ConsumerSession } from './consumer-session.js'
import { hasJava } from './java-presence.js'
import { liteConsumerContract } from './lite-consumer-contract.js'
import { pullConsumerContract } from './pull-consumer-contract.js'
import { pushConsumerContract } from './push-consumer-contract.js'
import { retryContract } from './retry-contract.js'
import type { Servers } from './servers.js'

/** Consumers of one make, and servers configured with `shortDelays`. */
export interface ConsumersAndServers<Make extends Consumers> {
  readonly consumers: (namesrvAddr: string) => Promise<Make>
  readonly servers: () => Promise<Servers>
}

/** What consumers and servers worth the name do together: Apache's own first, then ours with Apache's on the other side. */
export function consumerContract<Make extends Consumers>(title: string, start: ConsumersAndServers<Make>): void {
  // Most of these tests wait, for rebalances, delays and offsets: they do so together.
  describe.skipIf(!hasJava).concurrent(title, () => {
    let session: ConsumerSession<Make> | undefined

    beforeAll(async () => {
      session = await ConsumerSession.startWith(start.servers, start.consumers)
    })
    afterAll(() => session?.[Symbol.asyncDispose]())

    pushConsumerContract(() => session!)
    retryContract(() => session!)
    pullConsumerContract(() => session!)
    liteConsumerContract(() => session!)
  })
}
