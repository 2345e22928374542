import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type { Consumers, PushConsumer } from './consumers.js'
import { ConsumerSession, shortDelays } from './consumer-session.js'
import { DisposalStack } from './disposal-stack.js'
import { eventually } from './group-progress.js'
import { startJavaServers } from './java-servers.js'
import type { JavaMessage } from './java-reader.js'
import { hasJava } from './java-presence.js'
import { OurConsumers } from './our-consumers.js'
import { OurMemberProcess } from './our-member-process.js'
import { startOurServers } from './our-servers.js'

const queues = 4
const servers = [
  ["Apache RocketMQ's servers", () => startJavaServers(shortDelays)],
  ['our servers', () => startOurServers(shortDelays)],
] as const

describe.skipIf(!hasJava).each(servers)('one group of Java consumers and ours, at %s', (_, startServers) => {
  const stack = new DisposalStack()
  let session: ConsumerSession
  let ours: OurConsumers

  beforeAll(async () => {
    session = stack.use(await ConsumerSession.start(startServers))
    ours = stack.use(new OurConsumers(session.servers.namesrvAddr))
  })
  afterAll(() => stack[Symbol.asyncDispose]())

  /** The queues of a topic that each member has: all of them, and none twice. */
  const expectShares = (topic: string, members: readonly PushConsumer[], sizes: readonly number[]): Promise<void> => {
    return vi.waitFor(async () => {
      const owned = await Promise.all(members.map(async (member) => ownQueues(await member.queues(), topic)))
      expect(owned.map((own) => own.length).toSorted()).toEqual(sizes)
      expect(owned.flat().toSorted()).toEqual(Array.from({ length: queues }, (__, queueId) => queueId))
    }, eventually)
  }

  test('the queues are shared out without overlap or gap, again after a member of either make is killed', async () => {
    const { createTopic, producer, startConsumers, untilConsumed, servers: at } = session
    const [topic, group] = ['Mixed', 'mixed']
    await createTopic(topic)
    const member = (consumers: Consumers, name: string): Promise<PushConsumer> =>
      consumers.push({ kind: 'concurrent', name, group, topic })
    const consumed = async (members: readonly PushConsumer[], count: number): Promise<string[]> => {
      const sent = (await producer.send({ topic, mode: 'sync', count })).map(({ msgId }) => msgId)
      const received = async (): Promise<string[]> => (await receivedBy(members)).map(({ msgId }) => msgId)
      await vi.waitFor(async () => expect(await received()).toEqual(expect.arrayContaining(sent)), eventually)
      await untilConsumed(group, topic)
      expect((await received()).filter((id) => sent.includes(id)).toSorted()).toEqual(sent.toSorted())
      return sent
    }

    const java = await member(session.consumers, 'java')
    await using ourProcess = new OurMemberProcess({ namesrvAddr: at.namesrvAddr, group, topic })
    await expectShares(topic, [java, ourProcess], [2, 2])
    const first = await consumed([java, ourProcess], 40)
    expect((await ourProcess.deliveries(0)).map(({ msgId }) => msgId).filter((id) => first.includes(id))).toHaveLength(
      20,
    )

    await ourProcess.kill()
    await expectShares(topic, [java], [4])
    await consumed([java], 20)

    const our = await member(ours, 'ours')
    await using jvm = await startConsumers()
    const javaToDie = await member(jvm, 'java-to-die')
    await expectShares(topic, [java, our, javaToDie], [1, 1, 2])
    await consumed([java, our, javaToDie], 40)

    await jvm.kill()
    await expectShares(topic, [java, our], [2, 2])
    await consumed([java, our], 40)
    for (const left of [java, our]) await left.stop()
  })

  test('a member of either make counts the failures of the other, and gives up after as many', async () => {
    const { createTopic, producer, deadLetters, untilConsumed } = session
    const [topic, group] = ['MixedDead', 'mixed-dead']
    await createTopic(topic)
    // Retries are shared out, too: a message fails now here, now there.
    await session.lines('updateSubGroup', '-b', session.servers.brokerAddr, '-g', group, '-q', '4')
    const options = { kind: 'concurrent', group, topic, failures: 99, maxReconsumeTimes: 2 } as const
    const members = [
      await session.consumers.push({ name: 'java-failing', ...options }),
      await ours.push({ name: 'ours-failing', ...options }),
    ] as const
    await expectShares(topic, members, [2, 2])
    await expectShares(`%RETRY%${group}`, members, [2, 2])
    const sent = (await producer.send({ topic, mode: 'sync', count: 24 })).map(({ msgId }) => msgId)
    const letters = await deadLetters(group, sent.length)
    expect(letters.map(({ msgId, reconsumeTimes }) => `${msgId} ${reconsumeTimes}`).toSorted()).toEqual(
      sent.map((msgId) => `${msgId} 3`).toSorted(),
    )
    for (const where of [topic, `%RETRY%${group}`]) await untilConsumed(group, where)
    const received = await receivedBy(members)
    expect(received.map(({ msgId, reconsumeTimes }) => `${msgId} ${reconsumeTimes}`).toSorted()).toEqual(
      sent.flatMap((msgId) => [0, 1, 2].map((times) => `${msgId} ${times}`)).toSorted(),
    )
    // Some failed first at one make and then at the other.
    const [byJava, byOurs] = await Promise.all(members.map((member) => member.deliveries(0)))
    expect(byJava!.filter(({ msgId }) => byOurs!.some((message) => message.msgId === msgId))).not.toEqual([])
    for (const member of members) await member.stop()
  })
})

function ownQueues(owned: readonly { topic: string; queueId: number }[], topic: string): number[] {
  return owned.filter((queue) => queue.topic === topic).map(({ queueId }) => queueId)
}

async function receivedBy(members: readonly PushConsumer[]): Promise<JavaMessage[]> {
  return (await Promise.all(members.map((member) => member.deliveries(0)))).flat()
}
