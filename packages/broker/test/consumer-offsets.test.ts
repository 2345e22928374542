import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  decodeConsumerOffsetTable,
  DeleteSubscriptionGroup,
  DeleteTopicInBroker,
  GetAllConsumerOffset,
  GetSubscriptionGroupConfig,
  PullMessage,
  QueryConsumerOffset,
  type RemotingCommand,
  ResponseCode,
  UpdateConsumerOffset,
} from '@mq/remoting'
import { describe, expect, test } from 'vitest'
import { parseConsumerOffsetTable, stringifyConsumerOffsetTable } from '../src/offsets/consumer-offset-json.js'
import { pullHeader, SimulatedBroker, storePath } from './simulated-broker.js'

const path = `${storePath}/config/consumerOffset.json`
const queue = { consumerGroup: 'readers', topic: 'Orders', queueId: 0 }

/** A broker with one message in queue 0 of Orders and the group readers. */
async function started(rig = new SimulatedBroker()): Promise<SimulatedBroker> {
  await rig.start()
  await rig.send()
  await rig.call(GetSubscriptionGroupConfig, { group: 'readers' })
  return rig
}

function update(rig: SimulatedBroker, commitOffset: number, change: object = {}): Promise<RemotingCommand> {
  return rig.call(UpdateConsumerOffset, { ...queue, commitOffset, ...change })
}

async function offsetOf(rig: SimulatedBroker, change: object = {}): Promise<string | undefined> {
  const answered = await rig.call(QueryConsumerOffset, { ...queue, setZeroIfNotFound: false, ...change })
  return answered.extFields?.['offset']
}

describe('an offset', () => {
  test('that a group stores is the one it is told, also when it is lower than the one before', async () => {
    await using rig = await started()
    for (const offset of [7, 9_007_199_254_740_991, 3]) {
      expect(await update(rig, offset)).toMatchObject({ code: ResponseCode.SUCCESS })
      expect(await offsetOf(rig)).toBe(String(offset))
    }
    expect(rig.complaints).toEqual(['a group goes back in a queue'])
    expect(await offsetOf(rig, { queueId: 1 })).toBeUndefined()
    expect(await offsetOf(rig, { consumerGroup: 'others' })).toBeUndefined()
  })

  test.each([
    { what: 'of a group that does not exist', change: { consumerGroup: 'nobody' }, code: 26 },
    { what: 'in a topic that does not exist', change: { topic: 'Nothing' }, code: 17 },
    { what: 'in a negative queue', change: { queueId: -1 }, code: 29 },
    { what: 'in a queue no topic can have', change: { queueId: 65_536 }, code: 29 },
  ])('$what is refused with $code and makes nothing', async ({ change, code }) => {
    await using rig = await started()
    expect((await update(rig, 5, change)).code).toBe(code)
    expect(await offsetOf(rig, change)).toBeUndefined()
  })

  test('is stored by a pull that says so, with the pull itself', async () => {
    await using rig = await started()
    await rig.call(PullMessage, { ...pullHeader, commitOffset: 1, sysFlag: 4 })
    expect(await offsetOf(rig)).toBeUndefined()
    await rig.call(PullMessage, { ...pullHeader, commitOffset: 1, sysFlag: 5 })
    expect(await offsetOf(rig)).toBe('1')
  })

  test('that is sent right after a pull with an older one is not overwritten by it', async () => {
    await using rig = await started()
    const pull = rig.call(PullMessage, { ...pullHeader, commitOffset: 1, sysFlag: 5 })
    await Promise.all([pull, update(rig, 2)])
    expect(await offsetOf(rig)).toBe('2')
  })

  test('beyond maxConsumerOffsetNums is refused, those known go on', async () => {
    await using rig = new SimulatedBroker()
    await rig.start({ maxConsumerOffsetNums: 2 })
    await rig.send()
    await rig.call(GetSubscriptionGroupConfig, { group: 'readers' })
    for (const queueId of [0, 1]) await update(rig, 1, { queueId })
    expect((await update(rig, 1, { queueId: 2 })).code).toBe(ResponseCode.SYSTEM_ERROR)
    expect((await update(rig, 2, { queueId: 1 })).code).toBe(ResponseCode.SUCCESS)
    expect(await offsetOf(rig, { queueId: 1 })).toBe('2')
  })

  test('goes with its topic, and with its group when the deletion says so', async () => {
    await using rig = await started()
    await rig.send({ topic: 'Payments' })
    await update(rig, 1)
    await update(rig, 2, { topic: 'Payments' })
    await rig.call(DeleteTopicInBroker, { topic: 'Orders' })
    expect([await offsetOf(rig), await offsetOf(rig, { topic: 'Payments' })]).toEqual([undefined, '2'])
    await rig.call(DeleteSubscriptionGroup, { groupName: 'readers', cleanOffset: false })
    expect(await offsetOf(rig, { topic: 'Payments' })).toBe('2')
    await rig.call(DeleteSubscriptionGroup, { groupName: 'readers', cleanOffset: true })
    expect(await offsetOf(rig, { topic: 'Payments' })).toBeUndefined()
  })
})

describe('a group without an offset', () => {
  test('is told 0 while message 0 is in memory, which is logged once, unless it asks not to be', async () => {
    await using rig = await started()
    for (const setZeroIfNotFound of [true, undefined]) {
      const answered = await rig.call(QueryConsumerOffset, { ...queue, setZeroIfNotFound })
      expect(answered).toMatchObject({ code: ResponseCode.SUCCESS, extFields: { offset: '0' } })
    }
    const answered = await rig.call(QueryConsumerOffset, { ...queue, setZeroIfNotFound: false })
    expect(answered.code).toBe(ResponseCode.QUERY_NOT_FOUND)
    expect(rig.notes.filter((note) => note.startsWith('a group without an offset'))).toHaveLength(1)
  })

  test('is told that there is none in a queue that is empty, or whose message 0 is not in memory', async () => {
    await using rig = new SimulatedBroker()
    await rig.start({ accessMessageInMemoryMaxRatio: 0 })
    await rig.send()
    for (const queueId of [0, 1, -1]) {
      const answered = await rig.call(QueryConsumerOffset, { ...queue, queueId })
      expect(answered.code).toBe(ResponseCode.QUERY_NOT_FOUND)
    }
  })
})

describe('consumerOffset.json', () => {
  test('is written within 5 s and at the end, and read at the next start', async () => {
    const rig = await started()
    await update(rig, 5)
    expect(await rig.fileSystem.readFile(path)).toBeUndefined()
    await rig.runtime.advance(5000)
    expect((await rig.fileSystem.readFile(path))?.toString()).toContain('"Orders@readers":{\n\t\t\t0:5\n\t\t}')
    await update(rig, 6)
    await rig.run(rig.broker.close())
    await using next = new SimulatedBroker({ runtime: rig.runtime, fileSystem: rig.fileSystem })
    await next.start()
    expect(await offsetOf(next)).toBe('6')
  })

  test('that cannot be written is complained of and written as soon as it can be', async () => {
    await using rig = await started()
    await update(rig, 5)
    rig.fileSystem.onOperation = ({ path }) => (path.includes('/config/') ? { error: 'ENOSPC' } : undefined)
    await rig.runtime.advance(10_000)
    expect(rig.complaints).toEqual(Array(2).fill('offsets of consumers are in memory only; they are written again'))
    rig.fileSystem.onOperation = undefined
    await rig.runtime.advance(5000)
    expect((await rig.fileSystem.readFile(path))?.toString()).toContain('0:5')
    expect(rig.complaints).toHaveLength(2)
  })

  test('is not written again while nothing changes', async () => {
    await using rig = await started()
    await update(rig, 5)
    await rig.runtime.advance(5000)
    await rig.fileSystem.unlink(path)
    await update(rig, 5)
    await rig.runtime.advance(20_000)
    expect(await rig.fileSystem.readFile(path)).toBeUndefined()
  })

  test('is as Java 5.4.0 writes it, and is read with what only other versions know', async () => {
    const text = await readFile(join(import.meta.dirname, 'golden', 'consumerOffset.json.golden'), 'utf8')
    const table = parseConsumerOffsetTable(text)
    expect(table.offsetTable.get('TopicTest@g1')).toEqual(
      new Map([
        [0, 12],
        [1, 10],
      ]),
    )
    expect(stringifyConsumerOffsetTable(table)).toBe(text)
    const foreign = '{"lmqOffsetTable":{"%LMQ%x@g":12},"offsetTable":{"T@g":{"0":"7","x":1},"T@h":null},"more":[1]}'
    expect(parseConsumerOffsetTable(foreign).offsetTable).toEqual(new Map([['T@g', new Map([[0, 7]])]]))
  })

  test('that is torn gives way to its backup, and the broker does not start when both are', async () => {
    const rig = await started()
    await update(rig, 5)
    await rig.runtime.advance(5000)
    await update(rig, 6)
    await rig.run(rig.broker.close())
    const whole = await rig.fileSystem.readFile(path)
    await rig.fileSystem.writeFile(path, whole?.subarray(0, whole.length / 2) ?? Buffer.alloc(0))
    const next = new SimulatedBroker({ runtime: rig.runtime, fileSystem: rig.fileSystem })
    await next.start()
    expect(await offsetOf(next)).toBe('5')
    await next.close()
    for (const name of [path, `${path}.bak`]) await next.fileSystem.writeFile(name, Buffer.from('{"offsetTable":{'))
    const broken = new SimulatedBroker({ runtime: rig.runtime, fileSystem: rig.fileSystem })
    await expect(broken.start()).rejects.toMatchObject({ code: 'BROKER_CONFIG_FILE_UNREADABLE' })
    await broken.client.close()
  })

  test('is what GET_ALL_CONSUMER_OFFSET answers', async () => {
    await using rig = await started()
    await update(rig, 5, { queueId: 2 })
    const { body } = await rig.call(GetAllConsumerOffset, {})
    expect(body?.toString()).toContain('"groupTopicMap":{"readers":["Orders"]},"offsetTable":{"Orders@readers":{2:5}}}')
    expect(decodeConsumerOffsetTable(body as Buffer).offsetTable.get('Orders@readers')).toEqual(new Map([[2, 5]]))
  })

  test('counts a data version every consumerOffsetUpdateVersionStep offsets', async () => {
    await using rig = new SimulatedBroker()
    await rig.start({ consumerOffsetUpdateVersionStep: 2 })
    await rig.send()
    await rig.call(GetSubscriptionGroupConfig, { group: 'readers' })
    for (const offset of [1, 2, 3, 4, 5]) await update(rig, offset)
    const { body } = await rig.call(GetAllConsumerOffset, {})
    expect(decodeConsumerOffsetTable(body as Buffer).dataVersion.counter).toBe(2)
  })
})
