import { encodeMessageBatch, type MessageExtBatch, type MessageExtBrokerInner, parseHostAddress } from '@mq/remoting'
import { SimulatedRuntime } from '@mq/remoting/testing'
import { DefaultMessageStore, type MessageStoreOptions } from '@mq/store'
import { InMemoryFileSystem } from '@mq/store/testing'
import { describe, expect, test } from 'vitest'

/** Records written by Apache RocketMQ's own store, in hexadecimal. */
const v1Record =
  '00000067daa320a768b7be43000000000000000700000000000000000000000000000000000000000000018bcfe5687bc0a80102000015b3' +
  '000001a20265899f7f00000100002a9f00000000000000000000000000000001610154000a54414753015461674102'
const v2Record = `000000dddaa320ab0cdc1683000000000000000700000000000000000000000000000067000000000000018bcfe5687bc0a80102000015b3${`000001a2026a382d7f00000100002a9f00000000000000000000000000000001780080255245545259 25${'67'.repeat(121)}0000`.replace(
  ' ',
  '',
)}`
const keysRecord =
  '0000008edaa320a73610a686000000010000000700000000000000000000000000000000000000000000018bcfe5687bc0a80102000015b3' +
  '000001a2026a27da7f00000100002a9f0000000000000000000000000000000568656c6c6f09546f7069635465737400254b455953016b31' +
  '206b3202554e49515f4b455901554b303030310254414753015461674102'
const batchBody =
  '00000035000000000000000000000000000000026230001d4b45595301626b3002574149540174727565025441475301546167430200000035' +
  '000000000000000000000000000000026231001d4b45595301626b31025741495401747275650254414753015461674302'
const batchRecords =
  '0000007cdaa320a730cb2b760000000200000000000000000000000000000000000001c5000000000000018bcfe5687bc0a80102000015b3' +
  '000001a2026a38347f00000100002a9f000000000000000000000000000000026230025442001d4b45595301626b30025741495401747275' +
  '650254414753015461674302' +
  '0000007cdaa320a747cc1be0000000020000000000000000000000010000000000000241000000000000018bcfe5687bc0a80102000015b3' +
  '000001a2026a38347f00000100002a9f000000000000000000000000000000026231025442001d4b45595301626b31025741495401747275' +
  '650254414753015461674302'

const bornTimestamp = 1_700_000_000_123
const base: Omit<MessageExtBrokerInner, 'topic' | 'body' | 'queueId'> = {
  flag: 7,
  sysFlag: 0,
  properties: new Map(),
  bornTimestamp,
  bornHost: parseHostAddress('192.168.1.2:5555'),
  storeHost: parseHostAddress('127.0.0.1:10911'),
  reconsumeTimes: 0,
  preparedTransactionOffset: 0,
}

/** A store whose clock stands at the time of a record, and the disk under it. */
async function storeAt(
  storeTimestamp: number,
  options: Partial<MessageStoreOptions> = {},
): Promise<{ runtime: SimulatedRuntime; fileSystem: InMemoryFileSystem; store: DefaultMessageStore }> {
  const runtime = new SimulatedRuntime({ seed: 1, startMs: storeTimestamp })
  const fileSystem = new InMemoryFileSystem()
  const store = await DefaultMessageStore.open({
    storePathRootDir: '/store',
    mappedFileSizeCommitLog: 65_536,
    maxHashSlotNum: 16,
    maxIndexNum: 12,
    runtime,
    fileSystem,
    ...options,
  })
  return { runtime, fileSystem, store }
}

async function logBytes(fileSystem: InMemoryFileSystem, from: number, to: number): Promise<string> {
  const segment = (await fileSystem.readFile('/store/commitlog/00000000000000000000')) as Buffer
  return segment.toString('hex', from, to)
}

/** Fills the log up to an offset with one record of another topic. */
async function fillUpTo(runtime: SimulatedRuntime, store: DefaultMessageStore, offset: number): Promise<void> {
  const message = { ...base, topic: 'F', queueId: 0, body: Buffer.alloc(offset - 92) }
  const { wroteBytes } = await runtime.run(store.asyncPutMessage(message))
  expect(wroteBytes).toBe(offset)
}

describe('records in the commit log are those of Apache RocketMQ to the byte', () => {
  test('V1: a message with a tag at offset 0', async () => {
    const { runtime, fileSystem, store } = await storeAt(0x1a20265899f)
    const properties = new Map([['TAGS', 'TagA']])
    const message = { ...base, topic: 'T', queueId: 0, body: Buffer.from('a'), properties }
    const result = await runtime.run(store.asyncPutMessage(message))
    expect(await logBytes(fileSystem, 0, 103)).toBe(v1Record)
    expect(result).toMatchObject({ status: 'PUT_OK', physicalOffset: 0, queueOffset: 0, wroteBytes: 103 })
    expect(result.msgId).toBe('7F00000100002A9F0000000000000000')
  })

  test('V3: a topic of 128 characters is stored with a two-byte length', async () => {
    const { runtime, fileSystem, store } = await storeAt(0x1a2026a382d)
    await fillUpTo(runtime, store, 0x67)
    const message = { ...base, topic: `%RETRY%${'g'.repeat(121)}`, queueId: 0, body: Buffer.from('x') }
    await runtime.run(store.asyncPutMessage(message))
    expect(await logBytes(fileSystem, 0x67, 0x67 + 221)).toBe(v2Record)
  })

  test('V5: properties with keys, unique key and tags', async () => {
    const { runtime, fileSystem, store } = await storeAt(0x1a2026a27da)
    const properties = new Map([
      ['KEYS', 'k1 k2'],
      ['UNIQ_KEY', 'UK0001'],
      ['TAGS', 'TagA'],
    ])
    const message = { ...base, topic: 'TopicTest', queueId: 1, body: Buffer.from('hello'), properties }
    await runtime.run(store.asyncPutMessage(message))
    expect(await logBytes(fileSystem, 0, 142)).toBe(keysRecord)
  })

  test('V6: a batch of two is stored as two records, one behind the other', async () => {
    const { runtime, fileSystem, store } = await storeAt(0x1a2026a3834)
    await fillUpTo(runtime, store, 0x1c5)
    const member = (index: number): { flag: number; body: Buffer; properties: Map<string, string> } => ({
      flag: 0,
      body: Buffer.from(`b${index}`),
      properties: new Map([
        ['KEYS', `bk${index}`],
        ['WAIT', 'true'],
        ['TAGS', 'TagC'],
      ]),
    })
    const body = encodeMessageBatch([member(0), member(1)])
    expect(body.toString('hex')).toBe(batchBody)
    const batch: MessageExtBatch = { ...base, flag: 0, topic: 'TB', queueId: 2, body }
    const result = await runtime.run(store.asyncPutMessages(batch))
    expect(await logBytes(fileSystem, 0x1c5, 0x1c5 + 248)).toBe(batchRecords)
    expect(result).toMatchObject({ physicalOffset: 0x1c5, queueOffset: 0, wroteBytes: 248, messageCount: 2 })
    expect(result.msgId).toBe('7F00000100002A9F00000000000001C5,7F00000100002A9F0000000000000241')
    const next = await runtime.run(store.asyncPutMessage({ ...base, topic: 'TB', queueId: 2, body: Buffer.from('b2') }))
    expect(next.queueOffset).toBe(2)
  })

  test('V8: a record that does not fit behind 895 leaves a blank that covers the rest of the segment', async () => {
    const { runtime, fileSystem, store } = await storeAt(0x1a2026a3834)
    await fillUpTo(runtime, store, 895)
    const message = { ...base, topic: 'T', queueId: 0, body: Buffer.alloc(65_536 - 895 - 92 - 7) }
    const result = await runtime.run(store.asyncPutMessage(message))
    expect(await logBytes(fileSystem, 895, 903)).toBe('0000fc81cbd43194')
    expect(result.physicalOffset).toBe(65_536)
  })
})
