import { describe, expect, test } from 'vitest'
import { FrameError, RemotingCommandError } from '../errors.js'
import { createExtFields } from '../schema/ext-fields.js'
import { ByteWriter } from './byte-writer.js'
import { FrameDecoder } from './frame-decoder.js'
import { encodeFrame, encodeFrameHeadInto, encodeFrameInto } from './frame-encoder.js'
import { RemotingCommand } from './remoting-command.js'

function prefix(length: number, serializeType = 0, headerSize = 2): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeInt32BE(length)
  bytes.writeInt32BE((serializeType << 24) | headerSize, 4)
  return bytes
}

function command(code: number, body?: string): RemotingCommand {
  const made = new RemotingCommand(code)
  if (body !== undefined) made.body = Buffer.from(body)
  return made
}

function decodeText(frame: Buffer, options = {}): RemotingCommand | undefined {
  const decoder = new FrameDecoder(options)
  decoder.push(frame)
  return decoder.next()
}

function jsonFrame(header: string): Buffer {
  return Buffer.concat([prefix(4 + header.length, 0, header.length), Buffer.from(header)])
}

describe('a frame decoder', () => {
  test.each([
    ['negative', prefix(-1).subarray(0, 4)],
    ['shorter than its header word', prefix(3).subarray(0, 4)],
    ['over the limit', prefix(1021).subarray(0, 4)],
    ['smaller than its header', prefix(10, 0, 7)],
    ['of an unknown serialize type', prefix(10, 2)],
  ])('refuses a frame %s on its first bytes', (_, bytes) => {
    expect(() => decodeText(bytes, { maxFrameSize: 1024 })).toThrow(FrameError)
  })

  test('accepts the largest frame, counting the four bytes of its length, and one byte more is refused', () => {
    const frame = encodeFrame(command(1, 'body'))
    expect(decodeText(frame, { maxFrameSize: frame.length })?.code).toBe(1)
    expect(() => decodeText(frame, { maxFrameSize: frame.length - 1 })).toThrow(/at most/)
  })

  test('throws once and decodes nothing from then on', () => {
    const decoder = new FrameDecoder()
    decoder.push(prefix(-1))
    expect(() => decoder.next()).toThrow(FrameError)
    decoder.push(encodeFrame(command(1)))
    expect(decoder.next()).toBeUndefined()
    expect(decoder.bufferedBytes).toBe(0)
  })

  test('sets no memory aside for bytes that are only announced', () => {
    const before = process.memoryUsage().arrayBuffers
    const decoders = Array.from({ length: 64 }, () => {
      const decoder = new FrameDecoder()
      decoder.push(prefix(16_000_000))
      expect(decoder.next()).toBeUndefined()
      return decoder
    })
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1_000_000)
    expect(decoders.map((decoder) => decoder.bufferedBytes)).toEqual(Array(64).fill(8))
  })

  test('hands out bodies as views of the chunk', () => {
    const chunk = encodeFrame(command(1, 'body'))
    const body = decodeText(chunk)?.body
    expect(body?.buffer).toBe(chunk.buffer)
    expect(body?.toString()).toBe('body')
  })

  test('keeps the body of a completed frame while it takes in the beginning of the next', () => {
    const first = encodeFrame(command(1, 'first'))
    const second = encodeFrame(command(2, 'second'))
    const decoder = new FrameDecoder()
    decoder.push(first.subarray(0, 10))
    expect(decoder.next()).toBeUndefined()
    decoder.push(Buffer.concat([first.subarray(10), second.subarray(0, -1)]))
    const body = decoder.next()?.body
    expect(decoder.next()).toBeUndefined()
    expect(body?.toString()).toBe('first')
    decoder.push(second.subarray(-1))
    expect(decoder.next()?.body?.toString()).toBe('second')
  })

  test('loses nothing when a chunk is pushed before the last was drained', () => {
    const decoder = new FrameDecoder()
    decoder.push(Buffer.concat([1, 2, 3].map((code) => encodeFrame(command(code)))))
    expect(decoder.next()?.code).toBe(1)
    decoder.push(encodeFrame(command(4)))
    expect([decoder.next()?.code, decoder.next()?.code, decoder.next()?.code]).toEqual([2, 3, 4])
  })

  test.each([
    '',
    'null',
    '[]',
    '{"code":1',
    '{"code":1.5}',
    '{"code":"x"}',
    '{"opaque":4294967296}',
    '{"extFields":[]}',
    '{"extFields":{"a":{}}}',
    '{"remark":[]}',
    `{"extFields":{${Array.from({ length: 1025 }, (_, index) => `"${index}":""`).join(',')}}}`,
  ])('refuses a JSON header that is none: %.40s', (header) => {
    expect(() => decodeText(jsonFrame(header))).toThrow(FrameError)
  })

  test('reads as many as 1024 extFields', () => {
    const header = `{"extFields":{${Array.from({ length: 1024 }, (_, index) => `"${index}":""`).join(',')}}}`
    expect(Object.keys(decodeText(jsonFrame(header))?.extFields ?? {})).toHaveLength(1024)
  })

  test.each(['remark', 'extFields', 'key', 'value'])('refuses a binary header whose %s points outside it', (part) => {
    const sample = command(1)
    sample.remark = 'r'
    sample.extFields = createExtFields({ k: 'v' })
    const frame = encodeFrame(sample, 'ROCKETMQ')
    const offsets = { remark: 8 + 13, extFields: 8 + 18, key: 8 + 22, value: 8 + 25 }
    frame[offsets[part as keyof typeof offsets]] = 0x7f
    expect(() => decodeText(frame)).toThrow(/points outside/)
  })
})

describe('a frame encoder', () => {
  test('refuses a code above 32767 in a binary header and leaves what was written before', () => {
    const writer = new ByteWriter(16)
    encodeFrameInto(command(1), writer)
    const before = writer.bytes().toString('hex')
    expect(() => encodeFrameInto(command(200_050), writer, 'ROCKETMQ')).toThrow(RemotingCommandError)
    expect(writer.bytes().toString('hex')).toBe(before)
    expect(decodeText(encodeFrame(command(200_050)))?.code).toBe(200_050)
  })

  test('a head and its body make the same bytes as the frame in one piece', () => {
    const writer = new ByteWriter(1)
    encodeFrameHeadInto(command(1, 'body'), writer)
    expect(Buffer.concat([writer.bytes(), Buffer.from('body')])).toEqual(encodeFrame(command(1, 'body')))
  })

  test('frames written one after the other are decoded one after the other', () => {
    const writer = new ByteWriter(1)
    for (const code of [1, 2, 3]) encodeFrameInto(command(code, `body ${code}`), writer)
    const decoder = new FrameDecoder()
    decoder.push(writer.bytes())
    expect([1, 2, 3].map(() => decoder.next()?.body?.toString())).toEqual(['body 1', 'body 2', 'body 3'])
  })
})
