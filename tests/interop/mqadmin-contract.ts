import { afterAll, beforeAll, describe } from 'vitest'
import { hasJava } from './java-presence.js'
import { messageCommands } from './mqadmin-message-commands.js'
import { serverCommands } from './mqadmin-server-commands.js'
import { MqadminSession } from './mqadmin-session.js'
import { topicCommands } from './mqadmin-topic-commands.js'
import type { Servers } from './servers.js'

/** What Apache RocketMQ's mqadmin gets from any name server and broker worth the name: Apache's own, and ours. */
export function mqadminContract(title: string, start: () => Promise<Servers>): void {
  describe.skipIf(!hasJava)(`mqadmin asks ${title}`, () => {
    let session: MqadminSession | undefined

    beforeAll(async () => {
      session = await MqadminSession.start(start)
    })
    afterAll(() => session?.[Symbol.asyncDispose]())

    topicCommands(() => session!)
    messageCommands(() => session!)
    serverCommands(() => session!)
  })
}
