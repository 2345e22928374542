import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { DefaultMQProducer, type Message } from '@mq/client'
import { NameServer } from '@mq/namesrv'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Programs } from '../journey/programs.js'
import { DisposalStack } from './disposal-stack.js'
import { freeBrokerPort } from './free-port.js'
import { JavaBroker, type JavaBrokerOptions } from './java-broker.js'
import { JavaProducer } from './java-producer.js'
import { type JavaMessage, JavaReader } from './java-reader.js'
import { hasJava } from './java-presence.js'
import { Mqadmin } from './mqadmin.js'
import { OurBrokerProcess } from './our-broker-process.js'
import { TemporaryFolder } from './temporary-folder.js'

type Maker = 'java' | 'ours'

const topic = 'Exchanged'
const queues = 2
// Together over 1 MiB a turn, so that each turn begins a file of the commit log; every second one, a file of the consume queues.
const sends = { single: 135, batch: 15 }
const turnMessages = 2 * (sends.single + sends.batch)
const bodySize = 4_000

interface Exchange {
  readonly event: string
  /** How a broker ends its turn. */
  readonly end: 'stop' | 'kill'
  /** What of the store is removed then. */
  readonly lost: readonly string[]
  /** Whether the next broker has the whole index, or makes it anew from where Java recovers. */
  readonly isIndexWhole: boolean
  readonly makers: readonly Maker[]
}

const exchanges: readonly Exchange[] = [
  { event: 'a stop in order', end: 'stop', lost: [], isIndexWhole: true, makers: ['java', 'ours', 'java'] },
  { event: 'a kill', end: 'kill', lost: [], isIndexWhole: false, makers: ['ours', 'java', 'ours', 'java'] },
  {
    event: 'a kill and the loss of all but the commit log',
    end: 'kill',
    lost: ['consumequeue', 'index', 'checkpoint'],
    isIndexWhole: true,
    makers: ['java', 'ours', 'java'],
  },
]

describe.skipIf(!hasJava)('one store, in turns', () => {
  let programs: Programs | undefined

  beforeAll(async () => {
    programs = await Programs.build()
  })
  afterAll(() => programs?.[Symbol.asyncDispose]())

  test.each(exchanges.map((exchange) => [exchange.event, exchange] as const))(
    'after %s, the broker of the other make finds every message in its place, and adds to them',
    async (_, exchange) => {
      await using stack = new DisposalStack()
      const storePathRootDir = stack.use(new TemporaryFolder()).path
      const { address: namesrvAddr } = stack.use(await NameServer.start({ listenPort: 0 }))
      const mqadmin = stack.use(await Mqadmin.start(namesrvAddr))
      const reader = stack.use(await JavaReader.start(namesrvAddr))
      const broker = { namesrvAddr, brokerName: 'first', storePathRootDir, listenPort: await freeBrokerPort() }

      let left: readonly JavaMessage[] = []
      for (const maker of exchange.makers) {
        left = await takeTurn({ exchange, maker, broker, programs: programs!, mqadmin, reader, left })
        expect(existsSync(join(storePathRootDir, 'abort'))).toBe(exchange.end === 'kill')
        for (const name of exchange.lost) rmSync(join(storePathRootDir, name), { recursive: true })
      }
      expect(left).toHaveLength(exchange.makers.length * turnMessages)
    },
  )
})

interface Turn {
  readonly exchange: Exchange
  readonly maker: Maker
  readonly broker: JavaBrokerOptions & { readonly namesrvAddr: string }
  readonly programs: Programs
  readonly mqadmin: Mqadmin
  readonly reader: JavaReader
  /** What the turn before left. */
  readonly left: readonly JavaMessage[]
}

/** Opens the store, expects in it what was left, adds messages, and ends; resolves with what it leaves. */
async function takeTurn({ exchange, maker, mqadmin, reader, left, ...turn }: Turn): Promise<readonly JavaMessage[]> {
  const start = {
    java: () => JavaBroker.start(turn.broker),
    ours: () => OurBrokerProcess.start(turn.programs, turn.broker),
  }
  await using broker = await start[maker]()
  if (left.length === 0) {
    await mqadmin.run('updateTopic', '-b', broker.address, '-t', topic, '-r', `${queues}`, '-w', `${queues}`)
  }
  const found = await reader.messages(topic, { count: left.length })
  expect(found.map(everything)).toEqual(left.map(everything))
  await expectFoundByTag(reader, left)
  await expectFoundByKey(mqadmin, [exchange.isIndexWhole ? left.at(0) : undefined, left.at(-1)])

  const { namesrvAddr } = turn.broker
  const told = [...(await sendByJava(namesrvAddr, left.length)), ...(await sendByOurs(namesrvAddr, left.length))]
  const now = await reader.messages(topic, { count: left.length + turnMessages })
  const before = new Set(left.map(({ msgId }) => msgId))
  expect(now.filter(({ msgId }) => !before.has(msgId)).map(place)).toEqual(told.toSorted())
  expect(now).toHaveLength(left.length + turnMessages)
  expectConsecutive(now)
  await expectFoundByTag(reader, now)
  await broker[exchange.end]()
  return now
}

/** Sends a turn's messages by the Java producer; resolves with the places it was told, of a batch's messages each. */
async function sendByJava(namesrvAddr: string, turn: number): Promise<string[]> {
  await using producer = await JavaProducer.start({ namesrvAddr, group: `java-producer-${turn}` })
  const sent = { topic, size: bodySize, tags: 'by-java', properties: { colour: 'röd' } }
  const results = [
    ...(await producer.send({ ...sent, mode: 'async', count: sends.single, keys: `java-${turn}-` })),
    ...(await producer.send({ ...sent, mode: 'batch', count: sends.batch, keys: `java-batch-${turn}-` })),
  ]
  expect(results.filter(({ error }) => error !== undefined)).toEqual([])
  return results.flatMap(placesTold)
}

/** The same by our producer. */
async function sendByOurs(namesrvAddr: string, turn: number): Promise<string[]> {
  await using producer = new DefaultMQProducer({ producerGroup: `our-producer-${turn}`, namesrvAddr })
  await producer.start()
  const message = (name: string, index: number): Message => ({
    topic,
    tags: 'by-ours',
    keys: [`ours-${name}-${turn}-${index}`],
    properties: { colour: 'röd' },
    body: `${index} `.padEnd(bodySize, '.'),
  })
  const batch = Array.from({ length: sends.batch }, (_, index) => message('batch', index))
  const results = await Promise.all([
    ...Array.from({ length: sends.single }, (_, index) => producer.send(message('single', index))),
    producer.send(batch),
  ])
  expect(new Set(results.map(({ sendStatus }) => sendStatus))).toEqual(new Set(['SEND_OK']))
  return results.flatMap(({ messageQueue, ...result }) => placesTold({ ...messageQueue, ...result }))
}

/** The tag codes of the consume queues, too, are the same for both: each broker filters by those that either wrote. */
async function expectFoundByTag(reader: JavaReader, messages: readonly JavaMessage[]): Promise<void> {
  for (const tag of ['by-java', 'by-ours']) {
    const expected = messages.filter(({ tags }) => tags === tag)
    const found = await reader.messages(topic, { tags: tag, count: expected.length })
    expect(found.map(place)).toEqual(expected.map(place))
  }
}

/** The index is one for both. After a kill Java makes it anew, but only from where it recovers, whoever wrote the store. */
async function expectFoundByKey(mqadmin: Mqadmin, messages: ReadonlyArray<JavaMessage | undefined>): Promise<void> {
  for (const message of messages) {
    if (message === undefined) continue
    const { lines } = await mqadmin.run('queryMsgByKey', '-t', topic, '-k', message.keys!)
    expect(lines.join('\n')).toContain(message.msgId)
  }
}

type Place = Pick<JavaMessage, 'queueId' | 'queueOffset' | 'msgId' | 'offsetMsgId'>

/** The places of the messages of one send: those of a batch are consecutive, their ids joined by commas. */
function placesTold({ queueId, queueOffset, msgId, offsetMsgId }: Place): string[] {
  const offsetMsgIds = offsetMsgId.split(',')
  return msgId
    .split(',')
    .map((id, index) =>
      place({ queueId, queueOffset: queueOffset + index, msgId: id, offsetMsgId: offsetMsgIds[index]! }),
    )
}

function place({ queueId, queueOffset, msgId, offsetMsgId }: Place): string {
  return [queueId, String(queueOffset).padStart(6), msgId, offsetMsgId].join(' ')
}

/** All there is to a message, except what a pull adds about its queue. */
function everything({ body, properties, ...message }: JavaMessage): string {
  const { MIN_OFFSET: _min, MAX_OFFSET: _max, ...stored } = properties
  return JSON.stringify({ ...message, properties: Object.entries(stored).toSorted(), body: body.toString() })
}

function expectConsecutive(messages: readonly JavaMessage[]): void {
  const next = Array<number>(queues).fill(0)
  for (const { queueId, queueOffset } of messages) expect(queueOffset).toBe(next[queueId]!++)
}
