import { describe, expect, test } from 'vitest'
import {
  createExtFields,
  encodeFrame,
  FrameDecoder,
  LanguageCode,
  RemotingCommand,
  SendMessageV2,
  type SerializeType,
} from '../src/index.js'

// Frames and headers below were produced by Apache RocketMQ's own classes.
const jsonFrame = Buffer.from(
  '0000007f0000007b7b22636f6465223a3130352c226578744669656c6473223a7b22746f706963223a2254227d2c22666c6167223a302c226c616e677561' +
    '6765223a224a415641222c226f7061717565223a372c2273657269616c697a655479706543757272656e74525043223a224a534f4e222c2276657273696f' +
    '6e223a3437397d',
  'hex',
)
const binaryFrame = Buffer.from(
  '000000290100002300690001df00000007000000000000000268690000000c0005746f70696300000001540102',
  'hex',
)

function routeRequest(): RemotingCommand {
  const command = new RemotingCommand(105)
  command.language = LanguageCode.JAVA
  command.version = 479
  command.opaque = 7
  command.extFields = createExtFields({ topic: 'T' })
  return command
}

function decodeOne(frame: Buffer): RemotingCommand {
  const decoder = new FrameDecoder()
  decoder.push(frame)
  const command = decoder.next()
  if (command === undefined) throw new Error('the frame is not whole')
  expect(decoder.next()).toBeUndefined()
  return command
}

function frameOf(header: string, serializeType: SerializeType = 'JSON', body = ''): Buffer {
  const prefix = Buffer.alloc(8)
  prefix.writeInt32BE(4 + Buffer.byteLength(header) + Buffer.byteLength(body))
  prefix.writeInt32BE(((serializeType === 'JSON' ? 0 : 1) << 24) | Buffer.byteLength(header), 4)
  return Buffer.concat([prefix, Buffer.from(header), Buffer.from(body)])
}

describe('frames of Apache RocketMQ', () => {
  test('a JSON frame is encoded to the bytes Java writes', () => {
    expect(encodeFrame(routeRequest()).toString('hex')).toBe(jsonFrame.toString('hex'))
  })

  test('a ROCKETMQ frame is encoded to the bytes Java writes', () => {
    const command = routeRequest()
    command.remark = 'hi'
    command.body = Buffer.from([1, 2])
    expect(encodeFrame(command, 'ROCKETMQ').toString('hex')).toBe(binaryFrame.toString('hex'))
  })

  test('a JSON frame of Java is decoded to its command', () => {
    const expected = routeRequest()
    expect(decodeOne(jsonFrame)).toEqual(expected)
  })

  test('a ROCKETMQ frame of Java is decoded to its command, its type and its body', () => {
    const expected = routeRequest()
    expected.remark = 'hi'
    expected.body = Buffer.from([1, 2])
    expected.serializeType = 'ROCKETMQ'
    expect(decodeOne(binaryFrame)).toEqual(expected)
  })

  test('the properties of a Java producer keep their separators', () => {
    const header =
      '{"code":310,"extFields":{"a":"java-producer","b":"Orders","i":"colour\\u0001red\\u0002KEYS\\u0001k0\\u0002"},' +
      '"flag":0,"language":"JAVA","opaque":3,"serializeTypeCurrentRPC":"JSON","version":493}'
    const command = decodeOne(frameOf(header, 'JSON', 'body'))
    expect(command.extFields?.['i']).toBe('colour\u0001red\u0002KEYS\u0001k0\u0002')
    expect(command.body?.toString()).toBe('body')
    command.language = LanguageCode.JAVA
    expect(encodeFrame(command).toString()).toBe(frameOf(header, 'JSON', 'body').toString())
  })
})

describe('a binary send of a Java producer', () => {
  const header = Buffer.from(
    '01360001ed000000020000000000000000000001070001610000000d6a6176612d70726f6475636572000162000000064f726465727300' +
      '0163000000065442573130320001640000000134000165000000013100016600000001300001670000000d313739353334393135323634' +
      '3400016800000001300001690000006c636f6c6f757201726564024b455953016b3002554e49515f4b4559014644303030303030303030' +
      '30303030303030303030303030303030303030303231373431344530453246324136454245314238343030303002574149540174727565' +
      '025441475301637265617465640200016a000000013000016b0000000566616c736500016d0000000566616c736500016e0000000b6a61' +
      '76612d62726f6b6572',
    'hex',
  )
  const prefix = Buffer.alloc(8)
  prefix.writeInt32BE(4 + header.length + 1)
  prefix.writeInt32BE(0x01_00_00_00 | header.length, 4)
  const frame = Buffer.concat([prefix, header, Buffer.from('0')])

  test('is decoded to the values it was sent with', () => {
    const command = decodeOne(frame)
    expect(command).toMatchObject({
      code: 310,
      language: LanguageCode.JAVA,
      version: 493,
      opaque: 2,
      serializeType: 'ROCKETMQ',
    })
    const { properties, ...values } = SendMessageV2.requestHeader.decode(command.extFields)
    expect(values).toEqual({
      producerGroup: 'java-producer',
      topic: 'Orders',
      defaultTopic: 'TBW102',
      defaultTopicQueueNums: 4,
      queueId: 1,
      sysFlag: 0,
      bornTimestamp: 1_795_349_152_644,
      flag: 0,
      reconsumeTimes: 0,
      unitMode: false,
      batch: false,
      bname: 'java-broker',
    })
    expect(properties?.split('\u0002').map((property) => property.split('\u0001')[0])).toEqual([
      'colour',
      'KEYS',
      'UNIQ_KEY',
      'WAIT',
      'TAGS',
      '',
    ])
  })

  test('is encoded to the bytes Java wrote', () => {
    expect(encodeFrame(decodeOne(frame), 'ROCKETMQ').toString('hex')).toBe(frame.toString('hex'))
  })
})

describe('JSON headers as Java reads them', () => {
  test('missing keys take the defaults of Java', () => {
    expect(decodeOne(frameOf('{}'))).toMatchObject({
      code: 0,
      flag: 0,
      version: 0,
      opaque: 0,
      language: LanguageCode.JAVA,
      remark: undefined,
      extFields: undefined,
      body: undefined,
    })
  })

  test('numbers and booleans in extFields become text, nulls are absent', () => {
    const command = decodeOne(frameOf('{"extFields":{"queueId":3,"order":true,"topic":null,"x":"y"}}'))
    expect({ ...command.extFields }).toEqual({ queueId: '3', order: 'true', x: 'y' })
  })

  test('a language is known by name or ordinal, an unknown name is OTHER', () => {
    expect(decodeOne(frameOf('{"language":"GO"}')).language).toBe(LanguageCode.GO)
    expect(decodeOne(frameOf('{"language":12}')).language).toBe(LanguageCode.RUST)
    expect(decodeOne(frameOf('{"language":"COBOL"}')).language).toBe(LanguageCode.OTHER)
    expect(decodeOne(frameOf('{"language":99}')).language).toBe(LanguageCode.OTHER)
  })

  test('unknown keys are ignored and the type byte decides how the frame came', () => {
    expect(decodeOne(frameOf('{"code":1,"serializeTypeCurrentRPC":"ROCKETMQ","zzz":[{}]}'))).toMatchObject({
      code: 1,
      serializeType: 'JSON',
    })
  })

  test('the names of Object.prototype are ordinary keys of extFields', () => {
    const command = decodeOne(
      frameOf('{"extFields":{"__proto__":"p","constructor":"c"},"__proto__":{"polluted":"yes"}}'),
    )
    expect(Object.keys(command.extFields ?? {})).toEqual(['__proto__', 'constructor'])
    expect(command.extFields?.['__proto__']).toBe('p')
    expect(Reflect.get(command.extFields ?? {}, 'toString')).toBeUndefined()
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
    expect(encodeFrame(command).toString()).toContain('"extFields":{"__proto__":"p","constructor":"c"}')
  })
})
