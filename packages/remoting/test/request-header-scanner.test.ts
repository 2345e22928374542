import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readJsonHeader } from '../src/codec/header-json.js'
import { RequestHeaderScanner } from '../src/codec/request-header-scanner.js'
import {
  allCommands,
  type Command,
  commandByCode,
  createRequest,
  encodeFrame,
  PullMessage,
  type RemotingCommand,
  SendBatchMessage,
  SendMessage,
  SendMessageV2,
} from '../src/index.js'
import type { Field } from '../src/schema/field.js'

const newScanner = (): RequestHeaderScanner => new RequestHeaderScanner((code) => commandByCode(code)?.requestHeader)

const text = fc.oneof(
  fc.string({ maxLength: 12 }),
  fc.string({ maxLength: 6, unit: 'binary' }),
  fc.constantFrom('', '"', '\\', 'KEYS\u0001k\u0002TAGS\u0001t\u0002', 'é', '漢字', '\u007f', '\n', 'x'.repeat(80)),
)

function valueOf({ kind, values = [] }: Field): fc.Arbitrary<unknown> {
  switch (kind) {
    case 'string':
      return text
    case 'int32':
      return fc.integer()
    case 'int64':
      return fc.oneof(fc.maxSafeInteger(), fc.nat())
    case 'boolean':
      return fc.boolean()
    case 'float64':
      return fc.double({ noNaN: true, noDefaultInfinity: true })
    case 'enumeration':
      return fc.constantFrom(...values)
  }
}

function valuesOf({ requestHeader: { fields } }: Command): fc.Arbitrary<Record<string, unknown>> {
  const requiredKeys = Object.keys(fields).filter((key) => fields[key]?.presence === 'mandatory')
  const model = Object.fromEntries(Object.entries(fields).map(([key, field]) => [key, valueOf(field)]))
  return fc.record(model, { requiredKeys })
}

function headerOf(request: RemotingCommand): Buffer {
  const frame = encodeFrame(request)
  return frame.subarray(8, 8 + (frame.readInt32BE(4) & 0xff_ff_ff))
}

function scanned(scanner: RequestHeaderScanner, header: Buffer): RemotingCommand | undefined {
  // Not at the beginning of the buffer, with bytes behind: neither may matter.
  const bytes = Buffer.concat([Buffer.from('}"'), header, Buffer.from('","0')])
  return scanner.scan(bytes, 2, 2 + header.length)
}

const byCommand = allCommands.map((command): [string, Command] => [command.name, command])
const hot = new Set<Command>([SendMessageV2, SendMessage, SendBatchMessage, PullMessage])

describe('the scanner of request headers', () => {
  test.each(byCommand)('reads %s as the table does, or leaves it to the parser', (_, command) => {
    const scanner = newScanner()
    let accepted = 0
    fc.assert(
      fc.property(valuesOf(command), fc.integer(), fc.constantFrom(0, 1, 9, 13), (values, opaque, language) => {
        const request = createRequest(command, values as never)
        Object.assign(request, { opaque, language })
        const header = headerOf(request)
        const typed = scanned(scanner, header)
        if (typed === undefined) return
        accepted++
        const parsed = readJsonHeader(header, 0, header.length)
        expect(typed.typedHeader?.codec).toBe(command.requestHeader)
        expect(typed.typedHeader?.values).toStrictEqual(command.requestHeader.decode(parsed.extFields))
        expect(typed).toMatchObject({ code: parsed.code, opaque, language, version: parsed.version, flag: parsed.flag })
        expect(command.requestHeader.decode(typed.extFields)).toStrictEqual(
          command.requestHeader.decode(parsed.extFields),
        )
      }),
      { numRuns: hot.has(command) ? 500 : 20 },
    )
    if (hot.has(command)) expect(accepted).toBeGreaterThan(10)
  })

  const send = headerOf(
    createRequest(SendMessageV2, {
      producerGroup: 'g',
      topic: 'T',
      defaultTopic: 'TBW102',
      defaultTopicQueueNums: 4,
      queueId: 1,
      sysFlag: 0,
      bornTimestamp: 1_700_000_000_000,
      flag: -7,
      properties: 'KEYS\u0001k\u0002',
      batch: false,
    }),
  )

  test('never reads a damaged header as another than the parser does', () => {
    const scanner = newScanner()
    const bytes = fc.oneof(fc.constantFrom(...Buffer.from('"\\{},:0-u+etn')), fc.nat(255))
    fc.assert(
      fc.property(fc.nat(send.length - 1), bytes, (at, byte) => {
        const damaged = Buffer.from(send)
        damaged[at] = byte
        const typed = scanned(scanner, damaged)
        if (typed === undefined) return
        const parsed = readJsonHeader(damaged, 0, damaged.length)
        expect(typed).toMatchObject({ code: parsed.code, opaque: parsed.opaque, flag: parsed.flag })
        const { requestHeader } = commandByCode(parsed.code) as Command
        expect(typed.typedHeader?.values).toStrictEqual(requestHeader.decode(parsed.extFields))
      }),
      { numRuns: 5000 },
    )
  })

  test('accepts a header that is cut at no byte but its last', () => {
    const scanner = newScanner()
    for (let length = 0; length < send.length; length++) {
      expect(scanned(scanner, send.subarray(0, length))).toBeUndefined()
    }
    expect(scanned(scanner, send)).toBeDefined()
  })

  test('fields in another order than the last time are read all the same', () => {
    const scanner = newScanner()
    const entries = ['"topic":"T"', '"consumerGroup":"g"', '"queueId":"2"', '"offset":"1"']
    const header = (order: readonly string[]): Buffer =>
      Buffer.from(
        `{"code":31,"extFields":{${order.filter((entry) => /topic|queueId/.test(entry)).join(',')}},"flag":0,"language":"GO",` +
          '"opaque":5,"serializeTypeCurrentRPC":"JSON","version":493}',
      )
    for (const order of [entries, [...entries].reverse(), entries]) {
      expect(scanned(scanner, header(order))?.typedHeader?.values).toMatchObject({ topic: 'T', queueId: 2 })
    }
  })

  test.each([
    ['a field the header does not have', '"topic":"T","queueId":"1","colour":"red"'],
    ['a field that is missing', '"topic":"T"'],
    ['a number with a needless zero', '"topic":"T","queueId":"01"'],
    ['a number of more than 32 bits', '"topic":"T","queueId":"2147483648"'],
    ['a number with a plus', '"topic":"T","queueId":"+1"'],
    ['a boolean in capitals', '"topic":"T","queueId":"1","lo":"TRUE"'],
    ['no fields', ''],
  ])('leaves %s to the parser', (_, extFields) => {
    const header = `{"code":31,"extFields":{${extFields}},"flag":0,"language":"JAVA","opaque":5,"serializeTypeCurrentRPC":"JSON","version":1}`
    expect(scanned(newScanner(), Buffer.from(header))).toBeUndefined()
  })
})
