import {
  decodeDelayOffsetTable,
  decodeKVTable,
  GetAllDelayOffset,
  GetBrokerRuntimeInfo,
  type MessageExt,
  ResponseCode,
} from '@mq/remoting'
import { DefaultMessageStore } from '@mq/store'
import { expect, test } from 'vitest'
import { properties, SimulatedBroker, smallFiles, storePath } from './simulated-broker.js'

const delayed = (level: number, others: Readonly<Record<string, string>> = {}): { readonly properties: string } => ({
  properties: properties({ DELAY: String(level), ...others }),
})
const bodiesOf = (messages: readonly MessageExt[]): string[] => messages.map(({ body }) => body.toString())
const arrived = async (rig: SimulatedBroker, topic = 'Orders'): Promise<string[]> => bodiesOf(await rig.messages(topic))

/** What is in delayOffset.json. */
async function fileOf(rig: SimulatedBroker): Promise<string> {
  const bytes = await rig.run(rig.fileSystem.readFile(`${storePath}/config/delayOffset.json`))
  return bytes?.toString('utf8') ?? ''
}

test('a message with level 3 arrives after 10 s, not before', async () => {
  await using rig = await SimulatedBroker.started()
  await rig.send(delayed(3), 'late')
  await rig.runtime.advance(9900)
  expect(await arrived(rig)).toEqual([])
  await rig.runtime.advance(150)
  expect(await arrived(rig)).toEqual(['late'])
})

test('a delayed message arrives in its own queue, still showing its delay, and is otherwise what was sent', async () => {
  await using rig = await SimulatedBroker.started()
  const sent = { queueId: 2, flag: 9, sysFlag: 0, reconsumeTimes: 0, bornTimestamp: 1_767_225_600_123 }
  await rig.send({ ...sent, ...delayed(1, { TAGS: 'paid', KEYS: 'k', UNIQ_KEY: 'U1' }) }, 'body')
  await rig.runtime.advance(1100)
  const [message] = await rig.messages('Orders', 2)
  expect(message).toMatchObject({ ...sent, topic: 'Orders', msgId: 'U1', body: Buffer.from('body') })
  const { DELAY, REAL_TOPIC, REAL_QID, TAGS, WAIT } = Object.fromEntries(message?.properties ?? [])
  expect({ DELAY, REAL_TOPIC, REAL_QID, TAGS, WAIT }).toEqual({
    DELAY: '1',
    REAL_TOPIC: 'Orders',
    REAL_QID: '2',
    TAGS: 'paid',
    WAIT: undefined,
  })
})

test('levels do not wait for each other, and messages of one arrive in their order', async () => {
  await using rig = await SimulatedBroker.started()
  await rig.send(delayed(18), 'two hours')
  await rig.send(delayed(99), 'two hours too')
  await rig.send(delayed(2), 'five seconds')
  for (let index = 0; index < 100; index++) await rig.send(delayed(1), `m${index}`)
  await rig.runtime.advance(1500)
  const { messageStore } = rig.broker
  expect(messageStore.getMaxOffsetInQueue('Orders', 0)).toBe(100)
  expect((await arrived(rig)).slice(0, 32)).toEqual(Array.from({ length: 32 }, (_, index) => `m${index}`))
  await rig.runtime.advance(4000)
  expect(messageStore.getMaxOffsetInQueue('Orders', 0)).toBe(101)
  await rig.runtime.advance(7_200_000)
  expect(messageStore.getMaxOffsetInQueue('Orders', 0)).toBe(103)
})

test('the delays are those of messageDelayLevel, and a list that is none is refused with what would be one', async () => {
  await using rig = await SimulatedBroker.started({ messageDelayLevel: '2s 1m' })
  await rig.send(delayed(1), 'two seconds')
  await rig.send(delayed(18), 'a minute')
  await rig.runtime.advance(2100)
  expect(await arrived(rig)).toEqual(['two seconds'])
  await rig.runtime.advance(58_000)
  expect(await arrived(rig)).toEqual(['two seconds', 'a minute'])
  const starting = new SimulatedBroker().start({ messageDelayLevel: '1s,5s' })
  await expect(starting).rejects.toThrow(/messageDelayLevel: '1s,5s' must be 1 to 128 delays such as 1s 10m 2h 1d/)
})

test('a broker that was away delivers at once what became due, and the rest in time', async () => {
  const rig = await SimulatedBroker.started()
  await rig.send(delayed(3), 'due while away')
  await rig.runtime.advance(5000)
  await rig.send(delayed(4), 'due later')
  await rig.close()
  await rig.runtime.advance(15_000)
  await using again = new SimulatedBroker({ runtime: rig.runtime, fileSystem: rig.fileSystem })
  await again.start()
  await again.runtime.advance(100)
  expect(await arrived(again)).toEqual(['due while away'])
  await again.runtime.advance(15_000)
  expect(await arrived(again)).toEqual(['due while away', 'due later'])
})

test('a broker that was closed in order delivers nothing twice', async () => {
  const rig = await SimulatedBroker.started()
  await rig.send(delayed(1), 'once')
  await rig.runtime.advance(1100)
  await rig.close()
  await using again = new SimulatedBroker({ runtime: rig.runtime, fileSystem: rig.fileSystem })
  await again.start()
  await again.runtime.advance(60_000)
  expect(await arrived(again)).toEqual(['once'])
})

/** The disk is written late, the offsets early: only waiting for the disk keeps them together. */
const lazyDisk = { flushIntervalCommitLog: 5000, flushCommitLogThoroughInterval: 5000, flushDelayOffsetInterval: 100 }

test.each([
  ['ASYNC_FLUSH', {}],
  ['ASYNC_FLUSH and a disk written late', lazyDisk],
  ['SYNC_FLUSH', { flushDiskType: 'SYNC_FLUSH' }],
] as const)(
  'with %s no delayed message that was durable is lost to a power failure at any time',
  async (_, options) => {
    for (let atMs = 500; atMs <= 33_000; atMs += 1300) {
      const rig = await SimulatedBroker.started(options)
      for (let index = 0; index < 5; index++) await rig.send(delayed(index < 3 ? 1 : 3), `m${index}`)
      await rig.runtime.advance(atMs)
      const durable = rig.broker.messageStore.flushedWhere()
      const disk = rig.fileSystem.crash('lost')
      rig.runtime.hosts.crash('10.0.1.1')
      if (durable === 0) continue
      await using later = new SimulatedBroker({ runtime: rig.runtime, fileSystem: disk })
      await later.start(options)
      await later.runtime.advance(11_000)
      const bodies = await arrived(later)
      expect([...new Set(bodies)].sort(), `${atMs} ms`).toEqual(['m0', 'm1', 'm2', 'm3', 'm4'])
    }
  },
)

test('a message that cannot be stored is tried again every 100 ms until it is, and those behind it wait', async () => {
  await using rig = await SimulatedBroker.started()
  await rig.send(delayed(1), 'first')
  await rig.send(delayed(1), 'second')
  let refusals = 0
  rig.broker.messageStore.addPutMessageHook({
    name: 'busy for a second',
    executeBeforePutMessage: () => (refusals++ < 10 ? { status: 'OS_PAGE_CACHE_BUSY' } : undefined),
  })
  await rig.runtime.advance(1500)
  expect(await arrived(rig)).toEqual([])
  expect(rig.complaints).toEqual(['a delayed message was not stored; tried again every 100 ms'])
  await rig.runtime.advance(600)
  expect(refusals).toBe(12)
  expect(await arrived(rig)).toEqual(['first', 'second'])
})

test('a delayed message that is refused for good holds up its level and is delivered none the less once it is taken', async () => {
  await using rig = await SimulatedBroker.started()
  for (const body of ['taken', 'refused', 'behind']) await rig.send(delayed(1), body)
  let isRefused = true
  rig.broker.messageStore.addPutMessageHook({
    name: 'refuses one',
    executeBeforePutMessage: ({ body }) =>
      isRefused && body.toString() === 'refused' ? { status: 'MESSAGE_ILLEGAL' } : undefined,
  })
  await rig.runtime.advance(5000)
  expect(await arrived(rig)).toEqual(['taken'])
  isRefused = false
  await rig.runtime.advance(200)
  expect(await arrived(rig)).toEqual(['taken', 'refused', 'behind'])
})

test('a record in the schedule topic that does not say where it belongs is passed over, which is logged', async () => {
  const rig = new SimulatedBroker()
  const options = {
    ...smallFiles,
    storePathRootDir: storePath,
    fileSystem: rig.fileSystem,
    runtime: rig.host('10.0.1.1'),
  }
  const store = await rig.run(DefaultMessageStore.open(options))
  const topic = 'SCHEDULE_TOPIC_XXXX'
  for (const [REAL_TOPIC, REAL_QID] of [
    ['../../x', '0'],
    ['RMQ_SYS_TRANS_HALF_TOPIC', '0'],
    ['Orders', 'zero'],
    ['Orders', '1'],
  ] as const) {
    await rig.run(store.asyncPutMessage({ topic, body: 'x', properties: { DELAY: '1', REAL_TOPIC, REAL_QID } }))
  }
  await rig.run(store.close())
  await rig.start()
  await rig.runtime.advance(1100)
  expect(rig.broker.messageStore.getMaxOffsetInQueue('Orders', 1)).toBe(1)
  expect(rig.complaints).toEqual(Array(3).fill('a delayed message is not delivered'))
  expect(rig.fileSystem.paths().filter((path) => path.includes('..') || path.includes('HALF'))).toEqual([])
  await rig.close()
})

test('delayOffset.json is what Java writes, once what it says is durable, and its offsets are told on request', async () => {
  await using rig = await SimulatedBroker.started({ delayOffsetUpdateVersionStep: 2 })
  expect((await rig.call(GetAllDelayOffset, {})).code).toBe(ResponseCode.SUCCESS)
  for (const level of [1, 1, 3]) await rig.send(delayed(level))
  await rig.runtime.advance(15_000)
  const { code, body } = await rig.call(GetAllDelayOffset, {})
  const { offsetTable, dataVersion } = decodeDelayOffsetTable(body ?? Buffer.alloc(0))
  expect({ code, offsets: Object.fromEntries(offsetTable) }).toEqual({ code: 0, offsets: { 1: 2, 3: 1 } })
  await rig.runtime.advance(30_000)
  const { timestamp } = dataVersion
  const version = `{\n\t\t"counter":2,\n\t\t"stateVersion":0,\n\t\t"timestamp":${timestamp}\n\t}`
  expect(await fileOf(rig)).toBe(`{\n\t"dataVersion":${version},\n\t"offsetTable":{\n\t\t1:2,\n\t\t3:1\n\t}\n}`)
  const info = decodeKVTable((await rig.call(GetBrokerRuntimeInfo, {})).body ?? Buffer.alloc(0)).table
  expect(info.get('scheduleMessageOffset_1')).toBe('2,2')
  expect(info.get('scheduleMessageOffset_3')).toBe('1,1')
})

test.each([
  ['that lies behind the queue', '{"offsetTable":{1:99}}'],
  ['that lies before the queue', '{"offsetTable":{1:-5}}'],
  ['of a level that does not exist', '{"offsetTable":{77:3}}'],
])('an offset %s is corrected, and delivery goes on', async (_, text) => {
  const rig = new SimulatedBroker()
  await rig.run(rig.fileSystem.makeDirectory(`${storePath}/config`))
  await rig.run(rig.fileSystem.writeFile(`${storePath}/config/delayOffset.json`, Buffer.from(text)))
  await rig.start()
  await rig.send(delayed(1), 'next')
  await rig.runtime.advance(1100)
  expect(await arrived(rig)).toEqual(['next'])
  await rig.close()
})

test.each([
  ['back', -3_600_000],
  ['ahead', 3_600_000],
])('after the wall clock was set %s by an hour, what waits is delivered within a second', async (_, setByMs) => {
  const rig = new SimulatedBroker()
  const runtime = rig.host('10.0.1.1')
  let setMs = 0
  const clock = { now: () => runtime.clock.now() + setMs, monotonic: () => runtime.clock.monotonic() }
  await rig.start({ runtime: { ...runtime, clock } })
  await rig.send(delayed(14), 'ten minutes')
  await rig.runtime.advance(5000)
  expect(await arrived(rig)).toEqual([])
  setMs = setByMs
  await rig.runtime.advance(1100)
  expect(await arrived(rig)).toEqual(['ten minutes'])
  await rig.close()
})

test('queues of the schedule topic are not read while nothing waits in them, nor while their first message waits', async () => {
  await using rig = await SimulatedBroker.started()
  await rig.send(delayed(1))
  await rig.runtime.advance(60_000)
  const { messageStore } = rig.broker
  const read = messageStore.readConsumeQueue.bind(messageStore)
  let reads = 0
  messageStore.readConsumeQueue = (request) => {
    reads++
    return read(request)
  }
  await rig.runtime.advance(600_000)
  expect(reads).toBe(0)
  await rig.send(delayed(14))
  await rig.runtime.advance(590_000)
  expect(reads).toBe(1)
  await rig.send(delayed(14))
  await rig.runtime.advance(5000)
  expect(reads).toBe(1)
})
