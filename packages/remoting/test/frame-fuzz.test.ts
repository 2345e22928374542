import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  createExtFields,
  encodeFrame,
  FrameDecoder,
  MqError,
  RemotingCommand,
  type SerializeType,
} from '../src/index.js'

const cases = Number(process.env['MQ_FUZZ_CASES'] ?? 20_000)
const timeLimitMs = 60_000
const maxFrameSize = 65_536

/** Runs a share of the cases, at most the same share of the time. */
function fuzz<T>(share: number, arbitrary: fc.Arbitrary<T>, check: (value: T) => void): void {
  fc.assert(fc.property(arbitrary, check), {
    numRuns: Math.ceil(cases * share),
    interruptAfterTimeLimit: timeLimitMs * share,
    markInterruptAsFailure: false,
  })
}

const text = fc.oneof(
  fc.string({ minLength: 1, maxLength: 12 }),
  fc.string({ minLength: 1, maxLength: 12, unit: 'binary' }),
  fc.constantFrom('__proto__', 'constructor', 'toString', '"', '\\', '\u0001', '\u2028', 'topic'),
)

const extFieldsOf = fc.option(fc.array(fc.tuple(text, text), { maxLength: 6 }), { nil: undefined })

const commandOf = fc
  .record({
    code: fc.integer({ min: -32_768, max: 32_767 }),
    language: fc.integer({ min: 0, max: 13 }),
    version: fc.integer({ min: 0, max: 32_767 }),
    opaque: fc.integer(),
    flag: fc.integer(),
    remark: fc.option(text, { nil: undefined }),
    entries: extFieldsOf,
    body: fc.option(fc.uint8Array({ minLength: 1, maxLength: 64 }), { nil: undefined }),
    serializeType: fc.constantFrom<SerializeType>('JSON', 'ROCKETMQ'),
  })
  .map(({ entries, body, ...fields }) => {
    const command = Object.assign(new RemotingCommand(fields.code), fields)
    if (entries !== undefined && entries.length > 0) {
      command.extFields = createExtFields()
      for (const [key, value] of entries) command.extFields[key] = value
    }
    if (body !== undefined) command.body = Buffer.from(body)
    return command
  })

/** Pushes chunks and keeps what comes out, bodies copied as a receiver that keeps them has to. */
function decodeAll(chunks: Iterable<Buffer>): { commands: RemotingCommand[]; error: unknown } {
  const decoder = new FrameDecoder({ maxFrameSize })
  const commands: RemotingCommand[] = []
  let pushed = 0
  try {
    for (const chunk of chunks) {
      decoder.push(chunk)
      pushed += chunk.length
      for (let command = decoder.next(); command !== undefined; command = decoder.next()) {
        if (command.body !== undefined) command.body = Buffer.from(command.body)
        commands.push(command)
      }
      // A chunk is the reader's to reuse once it has been drained.
      chunk.fill(0xa5)
      expect(decoder.bufferedBytes).toBeLessThanOrEqual(pushed)
    }
  } catch (error) {
    expect(decoder.next()).toBeUndefined()
    expect(decoder.bufferedBytes).toBe(0)
    return { commands, error }
  }
  return { commands, error: undefined }
}

/** Cuts bytes at the given places, wrapped to their length, into chunks of their own. */
function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const ends = [...new Set(places.map((place) => place % (bytes.length + 1))), bytes.length].sort((a, b) => a - b)
  return ends.map((end, index) => Buffer.from(bytes.subarray(ends[index - 1] ?? 0, end)))
}

function expectRefusal(error: unknown): void {
  if (error === undefined) return
  expect(error).toSatisfy((refusal) => MqError.is(refusal) && ['FRAME', 'REMOTING_COMMAND'].includes(refusal.code))
}

const placesOf = fc.array(fc.nat(), { maxLength: 8 })

describe('the frame decoder', () => {
  test('frames come out the same however the bytes are cut', { timeout: 2 * timeLimitMs }, () => {
    fuzz(0.25, fc.tuple(fc.array(commandOf, { maxLength: 5 }), placesOf), ([commands, places]) => {
      const bytes = Buffer.concat(commands.map((command) => encodeFrame(command, command.serializeType)))
      const { commands: decoded, error } = decodeAll(cut(bytes, places))
      expect(error).toBeUndefined()
      expect(decoded).toEqual(commands)
    })
  })

  test('damaged frames give frames or a refusal, nothing else', { timeout: 2 * timeLimitMs }, () => {
    const damage = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 6 })
    fuzz(0.5, fc.tuple(fc.array(commandOf, { minLength: 1, maxLength: 3 }), damage, placesOf, fc.nat(7)), (value) => {
      const [commands, changes, places, cutShort] = value
      const bytes = Buffer.concat(commands.map((command) => encodeFrame(command, command.serializeType)))
      for (const [place, byte] of changes) bytes[place % bytes.length] = byte
      expectRefusal(decodeAll(cut(bytes.subarray(0, bytes.length - cutShort), places)).error)
    })
  })

  test('any bytes give frames or a refusal, nothing else', { timeout: 2 * timeLimitMs }, () => {
    const framed = fc
      .tuple(fc.uint8Array({ maxLength: 64 }), fc.nat(80), fc.constantFrom(0, 1, 2))
      .map(([content, headerSize, serializeType]) => {
        const prefix = Buffer.alloc(8)
        prefix.writeInt32BE(content.length + 4)
        prefix.writeInt32BE((serializeType << 24) | headerSize, 4)
        return Buffer.concat([prefix, content])
      })
    const anyBytes = fc.oneof(
      framed,
      fc.uint8Array({ maxLength: 64 }).map((bytes) => Buffer.from(bytes)),
    )
    fuzz(0.25, fc.tuple(anyBytes, placesOf), ([bytes, places]) => {
      expectRefusal(decodeAll(cut(bytes, places)).error)
    })
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
  })

  test('a JSON and a binary header of the same command decode to the same', { timeout: 2 * timeLimitMs }, () => {
    fc.assert(
      fc.property(commandOf, (command) => {
        const frames = [encodeFrame(command, 'JSON'), encodeFrame(command, 'ROCKETMQ')]
        const [json, binary] = decodeAll(frames).commands
        expect(binary).toEqual(Object.assign(json as RemotingCommand, { serializeType: 'ROCKETMQ' }))
      }),
      { numRuns: 2_000 },
    )
  })
})
