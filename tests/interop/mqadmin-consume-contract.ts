import { afterAll, beforeAll, describe } from 'vitest'
import { ConsumerSession } from './consumer-session.js'
import { hasJava } from './java-presence.js'
import { clusterCommands } from './mqadmin-cluster-commands.js'
import { consumerCommands } from './mqadmin-consumer-commands.js'
import { groupCommands } from './mqadmin-group-commands.js'
import { offsetCommands } from './mqadmin-offset-commands.js'
import { queryCommands } from './mqadmin-query-commands.js'
import type { Servers } from './servers.js'

/** What mqadmin, unmodified, shows and changes of consumers, groups and their offsets, and of what was stored. */
export function mqadminConsumeContract(title: string, start: () => Promise<Servers>): void {
  describe.skipIf(!hasJava)(`mqadmin asks ${title} about consumption`, () => {
    let session: ConsumerSession | undefined

    beforeAll(async () => {
      session = await ConsumerSession.start(start)
    })
    afterAll(() => session?.[Symbol.asyncDispose]())

    consumerCommands(() => session!)
    groupCommands(() => session!)
    offsetCommands(() => session!)
    queryCommands(() => session!)
    clusterCommands(() => session!)
  })
}
