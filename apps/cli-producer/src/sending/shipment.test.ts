import { describe, expect, it } from 'vitest'
import type { Arguments } from '../command-line.js'
import { lineShipments, loadBodies, loadShipments, singleShipment } from './shipment.js'

const args: Arguments = {
  namesrvAddr: 'localhost:9876',
  topic: 'T',
  body: undefined,
  count: undefined,
  size: 32,
  concurrency: 1,
  batch: 1,
  tags: 'a',
  keys: 'k1  k2',
  properties: { p: 'q' },
  oneway: false,
  shardingKey: undefined,
  timeoutMs: 3000,
  producerGroup: 'g',
  json: false,
  color: true,
}

describe('singleShipment', () => {
  it('puts tags, keys and properties on the message', () => {
    const [shipment] = singleShipment(args, 'hello')
    expect(shipment?.messages).toEqual([
      { topic: 'T', body: 'hello', tags: 'a', keys: ['k1', 'k2'], properties: { p: 'q' } },
    ])
  })
})

describe('loadShipments', () => {
  it('numbers the messages through, in batches of which the last may be smaller', () => {
    const shipments = [...loadShipments({ ...args, batch: 4 }, 10)]
    expect(shipments.map(({ firstNumber, messages }) => [firstNumber, messages.length])).toEqual([
      [1, 4],
      [5, 4],
      [9, 2],
    ])
  })
})

describe('loadBodies', () => {
  it.each([
    [1, 7, '7'],
    [2, 123, '12'],
    [12, 42, '42 defghijkl'],
    [30, 1, '1 cdefghijklmnopqrstuvwxyzabcd'],
  ])('a body of %i bytes with number %i is %j', (size, number, expected) => {
    expect(String(loadBodies(size)(number))).toBe(expected)
  })

  it('gives each message a body of its own', () => {
    const bodyOf = loadBodies(8)
    const first = bodyOf(1)
    bodyOf(2)
    expect(String(first)).toBe('1 cdefgh')
  })
})

describe('lineShipments', () => {
  it('fills batches with the lines that have arrived, and waits for none', async () => {
    async function* chunks(): AsyncGenerator<Buffer> {
      yield Buffer.from('1\n2\n3\n4\n5\n')
      yield Buffer.from('6\n')
    }
    const shapes: unknown[] = []
    for await (const { firstNumber, messages } of lineShipments({ ...args, batch: 3 }, chunks())) {
      shapes.push([firstNumber, messages.map(({ body }) => String(body))])
    }
    expect(shapes).toEqual([
      [1, ['1', '2', '3']],
      [4, ['4', '5']],
      [6, ['6']],
    ])
  })
})
