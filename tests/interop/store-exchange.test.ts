import { crc32 } from 'node:zlib'
import { NameServer } from '@mq/namesrv'
import { describe, expect, test } from 'vitest'
import { DisposalStack } from './disposal-stack.js'
import { freeBrokerPort } from './free-port.js'
import { JavaBroker } from './java-broker.js'
import { JavaProducer } from './java-producer.js'
import { type JavaMessage, JavaReader } from './java-reader.js'
import { hasJava } from './java-toolchain.js'
import { Mqadmin } from './mqadmin.js'
import { OurBrokerProcess } from './our-broker-process.js'
import { TemporaryFolder } from './temporary-folder.js'

const makers = { java: JavaBroker, ours: OurBrokerProcess }
type Maker = keyof typeof makers

const topic = 'Exchanged'
const queues = 2
// Together over 1 MiB a turn, so that each turn begins a file of the commit log; every second one, a file of the consume queues.
const turnMessages = { async: 280, batch: 20 }
const bodySize = 4_000

interface Exchange {
  /** How a broker ends its turn; nobody looks at what the last one leaves. */
  readonly end: 'stop' | 'kill'
  readonly makers: readonly Maker[]
}

describe.skipIf(!hasJava)('one store, in turns', () => {
  test.each<Exchange>([
    { end: 'stop', makers: ['java', 'ours', 'java'] },
    { end: 'kill', makers: ['ours', 'java', 'ours', 'java'] },
  ])(
    'after a $end, the broker of the other make finds every message in its place, and adds to them',
    async ({ end, makers }) => {
      await using stack = new DisposalStack()
      const storePathRootDir = stack.use(new TemporaryFolder()).path
      const { address: namesrvAddr } = stack.use(await NameServer.start({ listenPort: 0 }))
      const mqadmin = stack.use(await Mqadmin.start(namesrvAddr))
      const reader = stack.use(await JavaReader.start(namesrvAddr))
      const broker = { namesrvAddr, brokerName: 'first', storePathRootDir, listenPort: await freeBrokerPort() }

      let left: readonly JavaMessage[] = []
      for (const [index, maker] of makers.entries()) {
        const isLast = index === makers.length - 1
        left = await takeTurn({ maker, end: isLast ? 'kill' : end, broker, mqadmin, reader, left })
      }
      expect(left).toHaveLength(makers.length * (turnMessages.async + turnMessages.batch))
    },
  )
})

interface Turn {
  readonly maker: Maker
  readonly end: 'stop' | 'kill'
  readonly broker: { namesrvAddr: string; brokerName: string; storePathRootDir: string; listenPort: number }
  readonly mqadmin: Mqadmin
  readonly reader: JavaReader
  /** What the turn before left. */
  readonly left: readonly JavaMessage[]
}

/** Opens the store, expects in it what was left, adds messages, and ends; resolves with what it leaves. */
async function takeTurn({ maker, end, broker: options, mqadmin, reader, left }: Turn): Promise<readonly JavaMessage[]> {
  await using broker = await makers[maker].start(options)
  if (left.length === 0) {
    await mqadmin.run('updateTopic', '-b', broker.address, '-t', topic, '-r', `${queues}`, '-w', `${queues}`)
  }
  expect((await reader.messages(topic)).map(place)).toEqual(left.map(place))
  await expectFoundByKey(mqadmin, left)

  const { namesrvAddr } = options
  await using producer = await JavaProducer.start({ namesrvAddr, group: `producer-after-${left.length}` })
  const sent = { topic, size: bodySize, tags: maker, keys: `after-${left.length}-` }
  const results = [
    ...(await producer.send({ ...sent, mode: 'async', count: turnMessages.async })),
    ...(await producer.send({ ...sent, mode: 'batch', count: turnMessages.batch })),
  ]
  expect(results.filter(({ error }) => error !== undefined)).toEqual([])
  const now = await reader.messages(topic)
  expect(now).toHaveLength(left.length + turnMessages.async + turnMessages.batch)
  expectConsecutive(now)
  await broker[end]()
  return now
}

/** The index, too, is one for both: the first and the last message are found by their keys. */
async function expectFoundByKey(mqadmin: Mqadmin, messages: readonly JavaMessage[]): Promise<void> {
  for (const message of [messages.at(0), messages.at(-1)]) {
    if (message === undefined) continue
    const { lines } = await mqadmin.run('queryMsgByKey', '-t', topic, '-k', message.keys!)
    expect(lines.join('\n')).toContain(message.msgId)
  }
}

function place({ queueId, queueOffset, commitLogOffset, msgId, body, storeTimestamp }: JavaMessage): string {
  return [queueId, queueOffset, commitLogOffset, msgId, crc32(body), storeTimestamp].join(' ')
}

function expectConsecutive(messages: readonly JavaMessage[]): void {
  const next = Array<number>(queues).fill(0)
  for (const { queueId, queueOffset } of messages) expect(queueOffset).toBe(next[queueId]!++)
}
