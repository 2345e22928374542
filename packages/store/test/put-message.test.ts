import {
  type CheckedRecord,
  checkRecord,
  encodeMessageBatch,
  encodeProperties,
  type MessageExtBrokerInner,
  parseHostAddress,
  SystemFlag,
  withTransactionValue,
} from '@mq/remoting'
import { SimulatedRuntime } from '@mq/remoting/testing'
import { DefaultMessageStore, type MessageStoreOptions, type PutMessageResult } from '@mq/store'
import { InMemoryFileSystem } from '@mq/store/testing'
import { describe, expect, test } from 'vitest'

interface Fixture {
  readonly runtime: SimulatedRuntime
  readonly fileSystem: InMemoryFileSystem
  readonly store: DefaultMessageStore
}

async function open(options: Partial<MessageStoreOptions> = {}): Promise<Fixture> {
  const runtime = new SimulatedRuntime({ seed: 1 })
  const fileSystem = new InMemoryFileSystem()
  const sizes = { mappedFileSizeCommitLog: 64 * 1024, maxHashSlotNum: 16, maxIndexNum: 100 }
  const store = await runtime.run(
    DefaultMessageStore.open({ storePathRootDir: '/store', ...sizes, runtime, fileSystem, ...options }),
  )
  return { runtime, fileSystem, store }
}

function message(over: Partial<MessageExtBrokerInner> = {}): MessageExtBrokerInner {
  return {
    topic: 'T',
    queueId: 0,
    flag: 0,
    sysFlag: 0,
    body: Buffer.from('body'),
    properties: new Map(),
    bornTimestamp: 1,
    bornHost: parseHostAddress('127.0.0.1:1'),
    storeHost: parseHostAddress('127.0.0.1:10911'),
    reconsumeTimes: 0,
    preparedTransactionOffset: 0,
    ...over,
  }
}

function batchOf(...bodies: readonly string[]): MessageExtBrokerInner {
  const members = bodies.map((body) => ({ flag: 0, body: Buffer.from(body), properties: new Map<string, string>() }))
  return message({ body: encodeMessageBatch(members) })
}

describe('what is refused before a byte is written', () => {
  const cases: readonly (readonly [string, Partial<MessageExtBrokerInner>, string, RegExp])[] = [
    ['a topic of 128 bytes', { topic: 't'.repeat(128) }, 'MESSAGE_ILLEGAL', /128 bytes, at most 127/],
    ['a retry topic of 256 bytes', { topic: `%RETRY%${'t'.repeat(249)}` }, 'MESSAGE_ILLEGAL', /256 bytes, at most 255/],
    [
      'a retry topic of few characters but many bytes',
      { topic: `%RETRY%${'é'.repeat(100)}` },
      'MESSAGE_ILLEGAL',
      /127/,
    ],
    ['no body', { body: undefined as unknown as Buffer }, 'MESSAGE_ILLEGAL', /no body/],
    [
      'a body over the limit',
      { body: Buffer.alloc(1001) },
      'MESSAGE_ILLEGAL',
      /1001 bytes exceeds maxMessageSize 1000/,
    ],
    [
      'properties over 32,767 bytes',
      { properties: new Map([['k', 'v'.repeat(32_765)]]) },
      'PROPERTIES_SIZE_EXCEEDED',
      /32768/,
    ],
    [
      'a property that cannot be encoded',
      { properties: new Map([['a\u0001', 'b']]) },
      'MESSAGE_ILLEGAL',
      /0x01 or 0x02/,
    ],
    ['an inner batch', { sysFlag: SystemFlag.INNER_BATCH }, 'MESSAGE_ILLEGAL', /BatchCQ/],
    ['INNER_NUM without an inner batch', { properties: new Map([['INNER_NUM', '2']]) }, 'MESSAGE_ILLEGAL', /INNER_NUM/],
  ]

  test.each(cases)('%s', async (...[, over, status, remark]) => {
    const { runtime, fileSystem, store } = await open({ maxMessageSize: 1000 })
    const before = fileSystem.operations
    const result = await runtime.run(new Promise<PutMessageResult>((done) => store.putMessage(message(over), done)))
    expect(result).toMatchObject({ status, physicalOffset: -1 })
    expect(result.remark).toMatch(remark)
    expect(fileSystem.operations).toBe(before)
  })

  test('a body and properties exactly at their limits are stored', async () => {
    const { runtime, store } = await open({ maxMessageSize: 1000 })
    const properties = new Map([['k', 'v'.repeat(32_764)]])
    expect(encodeProperties(properties)).toHaveLength(32_767)
    const result = await runtime.run(store.asyncPutMessage(message({ body: Buffer.alloc(1000), properties })))
    expect(result.status).toBe('PUT_OK')
  })

  test('a record that fits into no segment is refused instead of using one up, and takes no queue offset', async () => {
    const { runtime, store } = await open({ mappedFileSizeCommitLog: 1024 })
    const tooLong = await runtime.run(store.asyncPutMessage(message({ body: Buffer.alloc(1024 - 92 - 7) })))
    expect(tooLong.status).toBe('MESSAGE_ILLEGAL')
    expect(tooLong.remark).toContain('segment of 1024')
    const longest = await runtime.run(store.asyncPutMessage(message({ body: Buffer.alloc(1024 - 92 - 8) })))
    expect(longest).toMatchObject({ status: 'PUT_OK', physicalOffset: 0, queueOffset: 0 })
  })

  test('hooks run in the order in which they were added, and the first answer ends the put', async () => {
    const { runtime, store } = await open()
    const calls: string[] = []
    for (const name of ['passes', 'refuses', 'never']) {
      store.addPutMessageHook({
        name,
        executeBeforePutMessage: () => {
          calls.push(name)
          return name === 'refuses' ? { status: 'WHEEL_TIMER_NOT_ENABLE', remark: 'no timers' } : undefined
        },
      })
    }
    const result = await runtime.run(store.asyncPutMessage(message()))
    expect(result).toMatchObject({ status: 'WHEEL_TIMER_NOT_ENABLE', remark: 'no timers' })
    expect(calls).toEqual(['passes', 'refuses'])
  })

  test('a hook may rewrite the topic, and a slave accepts nothing', async () => {
    const { runtime, store } = await open()
    store.addPutMessageHook({
      name: 'rewrite',
      executeBeforePutMessage: (put) => {
        put.topic = 'Other'
        return undefined
      },
    })
    await runtime.run(store.asyncPutMessage(message()))
    expect([store.getMaxOffsetInQueue('T', 0), store.getMaxOffsetInQueue('Other', 0)]).toEqual([0, 1])
    const slave = await open({ brokerRole: 'SLAVE' })
    const refused = await slave.runtime.run(slave.store.asyncPutMessage(message()))
    expect(refused.status).toBe('SERVICE_NOT_AVAILABLE')
    expect(refused.remark).toContain('slave')
  })

  test('beyond the bound of waiting puts the store says that it is busy', async () => {
    const { runtime, store } = await open({ maxPendingPuts: 2 })
    const results = await runtime.run(Promise.all([1, 2, 3].map(() => store.asyncPutMessage(message()))))
    expect(results.map(({ status }) => status)).toEqual(['PUT_OK', 'PUT_OK', 'OS_PAGE_CACHE_BUSY'])
  })
})

test('appended properties are stored behind the others, and listeners see all of them', async () => {
  const { runtime, store } = await open()
  const heard: unknown[] = []
  store.onMessageArriving(({ properties }) => heard.push(Object.fromEntries(properties ?? [])))
  const properties = new Map([['KEYS', 'k']])
  const appendedProperties = encodeProperties(new Map([['CLUSTER', 'c']]))
  const put = new Promise((resolve) => store.putMessage(message({ properties, appendedProperties }), resolve))
  await runtime.run(put)
  const record = (await runtime.run(store.selectOneMessageByOffset(0))) as Buffer
  const stored = Object.fromEntries((checkRecord(record, 0) as CheckedRecord).properties)
  expect([heard, stored]).toEqual([[{ KEYS: 'k', CLUSTER: 'c' }], { KEYS: 'k', CLUSTER: 'c' }])
})

describe('transactions', () => {
  test('prepared and rolled back messages are stored with queue offset 0 and take no place in the queue', async () => {
    const { runtime, store } = await open()
    const put = (transaction: number): Promise<PutMessageResult> =>
      runtime.run(store.asyncPutMessage(message({ sysFlag: withTransactionValue(0, transaction) })))
    await put(SystemFlag.TRANSACTION_NOT)
    expect((await put(SystemFlag.TRANSACTION_PREPARED)).queueOffset).toBe(0)
    expect((await put(SystemFlag.TRANSACTION_ROLLBACK)).queueOffset).toBe(0)
    expect((await put(SystemFlag.TRANSACTION_COMMIT)).queueOffset).toBe(1)
    expect(store.getMaxOffsetInQueue('T', 0)).toBe(2)
  })
})

describe('batches', () => {
  test('a batch that does not fit moves to the next segment as a whole', async () => {
    const { runtime, store } = await open({ mappedFileSizeCommitLog: 1024 })
    await runtime.run(store.asyncPutMessage(message({ body: Buffer.alloc(700) })))
    const result = await runtime.run(store.asyncPutMessages(batchOf('a'.repeat(60), 'b'.repeat(60))))
    expect(result).toMatchObject({ status: 'PUT_OK', physicalOffset: 1024, queueOffset: 1, messageCount: 2 })
    expect(store.getMaxOffsetInQueue('T', 0)).toBe(3)
  })

  const illegal: readonly (readonly [string, MessageExtBrokerInner, RegExp])[] = [
    ['a torn body', message({ body: batchOf('a').body.subarray(0, 10) }), /malformed/],
    ['no member', message({ body: Buffer.alloc(0) }), /empty/],
    ['a delay', { ...batchOf('a'), properties: new Map([['DELAY', '3']]) }, /delayed/],
    ['a transaction', { ...batchOf('a'), sysFlag: SystemFlag.TRANSACTION_PREPARED }, /transaction/],
    ['too many bytes', batchOf('a'.repeat(990)), /exceeds maxMessageSize 1000/],
  ]

  test.each(illegal)('%s is refused', async (_, batch, remark) => {
    const { runtime, store } = await open({ maxMessageSize: 1000 })
    const result = await runtime.run(store.asyncPutMessages(batch))
    expect(result.status).toBe('MESSAGE_ILLEGAL')
    expect(result.remark).toMatch(remark)
  })
})

describe('acknowledgement', () => {
  test('the puts of one turn reach the disk in one write, and none is acknowledged before it', async () => {
    const { runtime, fileSystem, store } = await open()
    const events: string[] = []
    fileSystem.onOperation = ({ kind, path }) => {
      if (kind === 'write' && path.includes('/commitlog/')) events.push('write')
      return undefined
    }
    for (let index = 0; index < 3; index++) store.putMessage(message(), () => events.push('acknowledged'))
    expect(events).toEqual([])
    await runtime.advance(0)
    expect(events).toEqual(['write', 'acknowledged', 'acknowledged', 'acknowledged'])
  })

  test('the body may be changed as soon as the put has returned', async () => {
    const { runtime, store } = await open()
    const body = Buffer.from('original')
    const results: PutMessageResult[] = []
    store.putMessage(message({ body }), (result) => results.push(result))
    body.fill(0)
    await runtime.advance(0)
    const found = await runtime.run(store.lookMessageByOffset(results[0]?.physicalOffset as number))
    expect(found?.body.toString()).toBe('original')
  })

  test('a put from within an acknowledgement follows in the next write', async () => {
    const { runtime, store } = await open()
    const offsets: number[] = []
    store.putMessage(message(), ({ queueOffset }) => {
      offsets.push(queueOffset)
      store.putMessage(message(), (next) => offsets.push(next.queueOffset))
    })
    await runtime.advance(0)
    expect(offsets).toEqual([0, 1])
  })

  test('many puts that wait share a sync, and one that does not wait is acknowledged before it', async () => {
    const { runtime, fileSystem, store } = await open({ flushDiskType: 'SYNC_FLUSH' })
    let syncs = 0
    fileSystem.onOperation = ({ kind, path }) => {
      if (kind === 'datasync' && path.endsWith('/commitlog/00000000000000000000')) syncs++
      return undefined
    }
    fileSystem.pauseSyncs()
    const acknowledged: string[] = []
    for (let index = 0; index < 100; index++) store.putMessage(message(), () => acknowledged.push('waited'))
    store.putMessage(message({ properties: new Map([['WAIT', 'false']]) }), () => acknowledged.push('did not wait'))
    await runtime.advance(100)
    expect(acknowledged).toEqual(['did not wait'])
    expect(store.getMaxOffsetInQueue('T', 0)).toBe(0)
    fileSystem.resumeSyncs()
    await runtime.advance(0)
    expect(acknowledged).toHaveLength(101)
    expect(syncs).toBe(1)
    expect(store.getMaxOffsetInQueue('T', 0)).toBe(101)
  })

  test('a sync that takes longer than syncFlushTimeout ends with FLUSH_DISK_TIMEOUT; the message is stored', async () => {
    const { runtime, fileSystem, store } = await open({ flushDiskType: 'SYNC_FLUSH', syncFlushTimeout: 300 })
    fileSystem.pauseSyncs()
    const result = await runtime.run(store.asyncPutMessage(message()))
    expect(result).toMatchObject({ status: 'FLUSH_DISK_TIMEOUT', physicalOffset: 0, wroteBytes: 96 })
    fileSystem.resumeSyncs()
    await runtime.advance(0)
    expect(store.getMaxOffsetInQueue('T', 0)).toBe(1)
  })

  test('a SYNC_MASTER with the default of one replica waits for none, with two it times out without a slave', async () => {
    const alone = await open({ brokerRole: 'SYNC_MASTER' })
    expect((await alone.runtime.run(alone.store.asyncPutMessage(message()))).status).toBe('PUT_OK')
    const two = await open({ brokerRole: 'SYNC_MASTER', inSyncReplicas: 2, slaveTimeout: 200 })
    const waiting = await two.runtime.run(two.store.asyncPutMessage(message()))
    expect(waiting).toMatchObject({ status: 'FLUSH_SLAVE_TIMEOUT', queueOffset: 0 })
    const properties = new Map([['WAIT', 'false']])
    expect((await two.runtime.run(two.store.asyncPutMessage(message({ properties })))).status).toBe('PUT_OK')
  })

  test('closing ends the wait for replicas', async () => {
    const { runtime, store } = await open({ brokerRole: 'SYNC_MASTER', inSyncReplicas: 2, slaveTimeout: 3_600_000 })
    const put = store.asyncPutMessage(message())
    await runtime.advance(10)
    await runtime.run(store.close())
    expect((await put).status).toBe('FLUSH_SLAVE_TIMEOUT')
  })

  test('with ASYNC_FLUSH four pages are flushed after 500 ms, less after 10 s', async () => {
    const { runtime, store } = await open()
    await runtime.run(store.asyncPutMessage(message()))
    await runtime.advance(5000)
    expect(store.flushedWhere()).toBe(0)
    await runtime.advance(6000)
    expect(store.flushedWhere()).toBe(store.getMaxPhyOffset())
    await runtime.run(store.asyncPutMessage(message({ body: Buffer.alloc(4 * 4096) })))
    await runtime.advance(501)
    expect(store.flushedWhere()).toBe(store.getMaxPhyOffset())
  })
})

describe('reads by offset', () => {
  test('an offset inside of a record, behind the end, or no offset at all finds nothing', async () => {
    const { runtime, store } = await open()
    await runtime.run(store.asyncPutMessage(message({ body: Buffer.alloc(5000, 1) })))
    for (const offset of [1, 88, 5092, 1e15, -1, Number.NaN, 0.5]) {
      expect(await runtime.run(store.selectOneMessageByOffset(offset)), `offset ${offset}`).toBeUndefined()
    }
    expect((await runtime.run(store.selectOneMessageByOffset(0)))?.length).toBe(5092)
  })

  test('a body that carries a whole record is not found at its place', async () => {
    const { runtime, store } = await open()
    await runtime.run(store.asyncPutMessage(message()))
    const record = (await runtime.run(store.selectOneMessageByOffset(0))) as Buffer
    await runtime.run(store.asyncPutMessage(message({ body: record })))
    expect(await runtime.run(store.selectOneMessageByOffset(96 + 88))).toBeUndefined()
  })
})

describe('numbers', () => {
  test('the runtime info counts what was put and got', async () => {
    const { runtime, store } = await open()
    await runtime.run(store.asyncPutMessage(message()))
    await runtime.run(store.asyncPutMessage(message({ topic: 't'.repeat(200) })))
    await runtime.run(store.getMessage({ group: 'g', topic: 'T', queueId: 0, offset: 0, maxMsgNums: 1 }))
    await runtime.advance(2000)
    const info = store.runtimeInfo()
    expect(info.get('putMessageTimesTotal')).toBe('1')
    expect(info.get('putMessageFailedTimes')).toBe('1')
    expect(info.get('putMessageSizeTotal')).toBe('96')
    expect(info.get('commitLogMaxOffset')).toBe('96')
    expect(info.get('dispatchBehindBytes')).toBe('0')
    expect(info.get('putTps')).toMatch(/^[\d.]+ [\d.]+ [\d.]+$/)
    expect(info.get('runtime')).toBe('[ 0 days, 0 hours, 0 minutes, 2 seconds ]')
  })
})
