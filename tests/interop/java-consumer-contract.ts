import { afterAll, beforeAll, describe } from 'vitest'
import { ConsumerSession } from './consumer-session.js'
import { javaPullConsumers } from './java-pull-consumers.js'
import { javaPushConsumers } from './java-push-consumers.js'
import { javaRetries } from './java-retries.js'
import { hasJava } from './java-presence.js'
import type { Servers } from './servers.js'

/**
 * What Apache RocketMQ's consumers get from any name server and broker worth the name: Apache's own, and ours. The servers are to be
 * configured with `shortDelays`.
 */
export function javaConsumerContract(title: string, start: () => Promise<Servers>): void {
  // Most of these tests wait, for rebalances, delays and offsets: they do so together.
  describe.skipIf(!hasJava).concurrent(`Java consumers of ${title}`, () => {
    let session: ConsumerSession | undefined

    beforeAll(async () => {
      session = await ConsumerSession.start(start)
    })
    afterAll(() => session?.[Symbol.asyncDispose]())

    javaPushConsumers(() => session!)
    javaRetries(() => session!)
    javaPullConsumers(() => session!)
  })
}
