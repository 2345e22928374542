import {
  checkRecord,
  createOffsetMessageId,
  decodeMessageBatch,
  decodeProperties,
  encodedRecordSize,
  encodeMessageBatch,
  encodeProperties,
  hasValidCrcProperty,
  javaStringHash,
  parseHostAddress,
  patchPhysicalOffset,
  patchQueueOffset,
  patchStoreTimestamp,
  type RecordFields,
  readRecord,
  readRecords,
  SystemFlag,
  writeBlank,
  writeCrcProperty,
  writeRecord,
} from '@mq/remoting'
import { describe, expect, it } from 'vitest'

// Written by the commit log of Apache RocketMQ.
const v1 =
  '00000067daa320a768b7be43000000000000000700000000000000000000000000000000000000000000018bcfe5687bc0a80102000015b3000001a20265899f7f00000100002a9f00000000000000000000000000000001610154000a54414753015461674102'
const v2WithCrc =
  '0000007bdaa320a768b7be43000000000000000700000000000000000000000000000000000000000000018bcfe5687bc0a80102000015b3000001a202659ab07f00000100002a9f00000000000000000000000000000001610154001e544147530154616741025f5f435243333223013733313236333337353002'
const v3LongTopic = `000000dddaa320ab0cdc1683000000000000000700000000000000000000000000000067000000000000018bcfe5687bc0a80102000015b3000001a2026a382d7f00000100002a9f0000000000000000000000000000000178008025524554525925${'67'.repeat(121)}0000`
const v4Ipv6 =
  '00000081daa320a777065916000000030000000700000000000000000000000000000144000000300000018bcfe5687b0000000000000000000000000000000100000001000001a2026589fdfe80000000000000000000000000000100000002000000000000000000000000000000027636025436000a54414753015461674202'
const v5Keys =
  '0000008edaa320a73610a686000000010000000700000000000000000000000000000000000000000000018bcfe5687bc0a80102000015b3000001a2026a27da7f00000100002a9f0000000000000000000000000000000568656c6c6f09546f7069635465737400254b455953016b31206b3202554e49515f4b455901554b303030310254414753015461674102'
const v6Batch =
  '00000035000000000000000000000000000000026230001d4b45595301626b3002574149540174727565025441475301546167430200000035000000000000000000000000000000026231001d4b45595301626b31025741495401747275650254414753015461674302'
const v6First =
  '0000007cdaa320a730cb2b760000000200000000000000000000000000000000000001c5000000000000018bcfe5687bc0a80102000015b3000001a2026a38347f00000100002a9f000000000000000000000000000000026230025442001d4b45595301626b30025741495401747275650254414753015461674302'
const v6Second =
  '0000007cdaa320a747cc1be0000000020000000000000000000000010000000000000241000000000000018bcfe5687bc0a80102000015b3000001a2026a38347f00000100002a9f000000000000000000000000000000026231025442001d4b45595301626b31025741495401747275650254414753015461674302'
const v7Prepared =
  '00000060daa320a755812d600000000000000007000000000000000000000000000002bd000000040000018bcfe5687bc0a80102000015b3000001a2026a38357f00000100002a9f000000000000000000000000000000047072657001540000'
const v7Commit =
  '00000062daa320a74ed42ead00000000000000070000000000000001000000000000031d000000080000018bcfe5687bc0a80102000015b3000001a2026a38377f00000100002a9f00000000000000000000000000000006636f6d6d697401540000'
const v9InnerBatch =
  '000000f8daa320a72149a0830000000100000000000000000000000300000000000000f8000000c00000018bcfe5687bc0a80102000015b3000001a202721cda7f00000100002a9f000000000000000000000000000000810000002b0000000000000000000000000000000162001457414954017472756502544147530154616743020000002b0000000000000000000000000000000162001457414954017472756502544147530154616743020000002b000000000000000000000000000000016200145741495401747275650254414753015461674302035442510019494e4e45525f42415345013302494e4e45525f4e554d013302'
const v10Lmq =
  '000000aadaa320a749ddbf160000000000000007000000000000000000000000000001f0000000000000018bcfe5687bc0a80102000015b3000001a202721cdd7f00000100002a9f000000000000000000000000000000036c6d7102544c004a494e4e45525f4d554c54495f444953504154434801254c4d5125612c254c4d5125620254414753015461674102494e4e45525f4d554c54495f51554555455f4f464653455401302c3002'
/** From the client's MessageDecoder: flag 9, reconsumed twice, born and stored in 10.0.0.0/8. */
const consumed =
  '00000065daa320a73610a6860000000300000009000000000000000b0000000000001234000000000000018bcfe568000a000001000015b30000018bcfe5687b0a00000200002a9f0000000200000000000000000000000568656c6c6f015400046b017602'

const everyRecord = {
  v1,
  v2WithCrc,
  v3LongTopic,
  v4Ipv6,
  v5Keys,
  v6First,
  v6Second,
  v7Prepared,
  v7Commit,
  v9InnerBatch,
  v10Lmq,
  consumed,
}

const bornHost = parseHostAddress('192.168.1.2:5555')
const storeHost = parseHostAddress('127.0.0.1:10911')

describe('records of Apache RocketMQ', () => {
  it.each(Object.entries(everyRecord))('%s is written again from what was read', (_name, hex) => {
    const bytes = Buffer.from(hex, 'hex')
    const fields = fieldsOf(bytes)
    const written = Buffer.alloc(bytes.length + 7)

    expect(encodedRecordSize(fields)).toBe(bytes.length)
    expect(writeRecord(written, 3, fields)).toBe(bytes.length)
    expect(written.toString('hex', 3, 3 + bytes.length)).toBe(hex)
    expect(written.subarray(3 + bytes.length)).toEqual(Buffer.alloc(4))
  })

  it.each(Object.entries(everyRecord))('%s is torn one byte before its end', (_name, hex) => {
    const bytes = Buffer.from(hex, 'hex')
    expect(checkRecord(bytes, 0)).toMatchObject({ kind: 'record', size: bytes.length })
    expect(checkRecord(bytes.subarray(0, -1), 0)).toMatchObject({ kind: 'invalid', size: -1 })
  })

  it('every field of a record is read', () => {
    expect(readRecord(Buffer.from(consumed, 'hex'))).toEqual({
      topic: 'T',
      flag: 9,
      body: Buffer.from('hello'),
      properties: new Map([['k', 'v']]),
      queueId: 3,
      queueOffset: 11,
      physicalOffset: 0x1234,
      storeSize: 101,
      sysFlag: 0,
      bodyCrc: 907_060_870,
      bornTimestamp: 1_700_000_000_000,
      bornHost: parseHostAddress('10.0.0.1:5555'),
      storeTimestamp: 1_700_000_000_123,
      storeHost: parseHostAddress('10.0.0.2:10911'),
      reconsumeTimes: 2,
      preparedTransactionOffset: 0,
      msgId: '0A00000200002A9F0000000000001234',
      offsetMsgId: '0A00000200002A9F0000000000001234',
    })
  })

  it('hosts of 16 bytes move the fields behind them', () => {
    const message = readRecord(Buffer.from(v4Ipv6, 'hex'))
    expect(message).toMatchObject({
      topic: 'T6',
      queueId: 3,
      body: Buffer.from('v6'),
      physicalOffset: 0x144,
      storeTimestamp: 0x1a2026589fd,
      bornHost: parseHostAddress('[::1]:1'),
      storeHost: parseHostAddress('[fe80::1]:2'),
      offsetMsgId: 'FE800000000000000000000000000001000000020000000000000144',
    })
  })

  it('a topic of 128 characters makes a record of the second version', () => {
    expect(readRecord(Buffer.from(v3LongTopic, 'hex')).topic).toBe(`%RETRY%${'g'.repeat(121)}`)
  })

  it('what a store dispatches on is read without making a message', () => {
    const record = checkRecord(Buffer.from(v5Keys, 'hex'), 0)
    expect(record).toMatchObject({
      kind: 'record',
      topic: 'TopicTest',
      queueId: 1,
      keys: 'k1 k2',
      uniqueKey: 'UK0001',
      tagsCode: 0x27a807,
    })
  })

  it('the id of a consumed message is its unique key', () => {
    expect(readRecord(Buffer.from(v5Keys, 'hex')).msgId).toBe('UK0001')
  })

  it('transaction bits survive', () => {
    expect(readRecord(Buffer.from(v7Prepared, 'hex')).sysFlag).toBe(SystemFlag.TRANSACTION_PREPARED)
    expect(readRecord(Buffer.from(v7Commit, 'hex')).sysFlag).toBe(SystemFlag.TRANSACTION_COMMIT)
  })

  it('the CRC property covers the finished record', () => {
    const bytes = Buffer.from(v2WithCrc, 'hex')
    expect(hasValidCrcProperty(bytes, 0, bytes.length)).toBe(true)

    const again = Buffer.from(bytes)
    again.fill(0, 103)
    writeCrcProperty(again, 0, again.length)
    expect(again.toString('hex')).toBe(v2WithCrc)

    bytes[30] = 1
    expect(hasValidCrcProperty(bytes, 0, bytes.length)).toBe(false)
  })

  it('the members of a batch become the records Java stores', () => {
    const entries = decodeMessageBatch(Buffer.from(v6Batch, 'hex'))
    const records = [v6First, v6Second].map((hex) => Buffer.from(hex, 'hex'))
    expect(entries).toHaveLength(2)
    for (const [index, entry] of entries.entries()) {
      const { body, properties, flag } = fieldsOf(records[index] as Buffer)
      expect({ ...entry, properties: entry.properties.toString() }).toEqual({ body, properties, flag })
    }
    const messages = readRecords(Buffer.concat(records))
    expect(messages.map(({ queueOffset, physicalOffset }) => [queueOffset, physicalOffset])).toEqual([
      [0, 0x1c5],
      [1, 0x241],
    ])
    expect(encodeMessageBatch(messages).toString('hex')).toBe(v6Batch)
  })

  it('the body of an inner batch is the batch its producer sent', () => {
    const message = readRecord(Buffer.from(v9InnerBatch, 'hex'))
    expect(message.sysFlag).toBe(SystemFlag.NEED_UNWRAP | SystemFlag.INNER_BATCH)
    expect(decodeMessageBatch(message.body).map(({ body }) => body.toString())).toEqual(['b', 'b', 'b'])
  })

  it('a producer batch of one message has the bytes of MessageDecoder', () => {
    const properties = decodeProperties('KEYS\x01K1\x02WAIT\x01true\x02TAGS\x01TagA\x02')
    expect(encodeMessageBatch([{ flag: 0, body: Buffer.from('hello'), properties }]).toString('hex')).toBe(
      '000000370000000000000000000000000000000568656c6c6f001c4b455953014b31025741495401747275650254414753015461674102',
    )
  })

  it('the blank of a segment is its size and magic code', () => {
    const segment = Buffer.alloc(65_536)
    writeBlank(segment, 895, 64_641)
    expect(segment.toString('hex', 895, 903)).toBe('0000fc81cbd43194')
    expect(checkRecord(segment, 895)).toEqual({ kind: 'blank', size: 64_641 })
  })

  it('what the append changes is patched at its place', () => {
    for (const [hex, isV6] of [
      [v1, false],
      [v4Ipv6, true],
    ] as const) {
      const bytes = Buffer.concat([Buffer.alloc(5), Buffer.from(hex, 'hex')])
      patchQueueOffset(bytes, 5, 77)
      patchPhysicalOffset(bytes, 5, 2 ** 40 + 3)
      patchStoreTimestamp(bytes, 5, 1_800_000_000_001)
      expect(bytes.readBigInt64BE(5 + (isV6 ? 68 : 56))).toBe(1_800_000_000_001n)
      expect(readRecord(bytes, 5)).toMatchObject({
        queueOffset: 77,
        physicalOffset: 2 ** 40 + 3,
        storeTimestamp: 1_800_000_000_001,
      })
    }
  })

  it('offset ids are those Java gives', () => {
    expect(createOffsetMessageId(storeHost, 0)).toBe('7F00000100002A9F0000000000000000')
    expect(createOffsetMessageId(parseHostAddress('[2001:db8::2]:10911'), 1)).toBe(
      '20010DB800000000000000000000000200002A9F0000000000000001',
    )
  })

  it('hashes are those of String.hashCode', () => {
    expect(['TagA', 'TagB', 'TagC', 'TopicTest#k1', 'TopicTest#UK0001'].map(javaStringHash)).toEqual([
      0x27a807, 0x27a808, 0x27a809, 0x29e6a8, 0x5200a419,
    ])
  })

  it('the hosts of the vectors are those the table says', () => {
    expect(fieldsOf(Buffer.from(v1, 'hex'))).toMatchObject({ bornHost, storeHost })
  })
})

/** Everything writeRecord takes, as it was read. */
function fieldsOf(bytes: Buffer): RecordFields {
  const message = readRecord(bytes, 0, { decompress: false })
  return { ...message, properties: encodeProperties(message.properties) }
}
