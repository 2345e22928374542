import { decodeProperties, UniqueIdGenerator } from '@mq/remoting'
import { SimulatedRuntime } from '@mq/remoting/testing'
import { expect, test } from 'vitest'
import { OptionalCompressions } from '../compression/optional-compressions.js'
import { MessagePreparer } from './outgoing-message.js'

const runtime = new SimulatedRuntime({ seed: 1 })
const preparer = (namespace = ''): MessagePreparer =>
  new MessagePreparer({
    clock: runtime.clock,
    ids: new UniqueIdGenerator({ runtime, ip: Buffer.from([10, 0, 0, 1]), pid: 1 }),
    namespace,
    maxMessageSize: 1000,
    compressMsgBodyOverHowmuch: 100,
    compressType: 'ZLIB',
    compressLevel: 5,
    compressions: new OptionalCompressions(),
  })
const propertiesOf = (part: object): Record<string, string> => {
  const { encodedProperties, uniqueId } = preparer().prepare({ topic: 'T', body: 'x', ...part })
  const { UNIQ_KEY, ...properties } = Object.fromEntries(decodeProperties(encodedProperties))
  expect(UNIQ_KEY).toBe(uniqueId)
  return properties
}

test('every field of a message becomes the property RocketMQ knows it by', () => {
  expect(
    propertiesOf({
      keys: ['a', 'b'],
      tags: 't',
      waitStoreMsgOK: false,
      delayTimeLevel: 3,
      delayTimeSec: 4,
      delayTimeMs: 5,
      deliverTimeMs: 6,
      buyerId: 'me',
      properties: new Map([['colour', 'red']]),
    }),
  ).toEqual({
    KEYS: 'a b',
    TAGS: 't',
    WAIT: 'false',
    DELAY: '3',
    TIMER_DELAY_SEC: '4',
    TIMER_DELAY_MS: '5',
    TIMER_DELIVER_MS: '6',
    BUYER_ID: 'me',
    colour: 'red',
  })
})

test('fields left out or empty become no property, except that a message waits for the store', () => {
  expect(propertiesOf({ tags: '', keys: [] })).toEqual({ WAIT: 'true' })
})

test('bodies are compressed from the threshold on', () => {
  const messages = preparer()
  const needs = (size: number): boolean =>
    messages.needsCompression(messages.prepare({ topic: 'T', body: Buffer.alloc(size) }))
  expect([needs(99), needs(100)]).toEqual([false, true])
})

test('compression changes body and flags and nothing else', async () => {
  const messages = preparer()
  const plain = messages.prepare({ topic: 'T', body: Buffer.alloc(500) })
  const { body, sysFlag, ...rest } = await messages.compressed(plain)
  expect(sysFlag).toBe(0x301)
  expect(body.length).toBeLessThan(50)
  expect(rest).toEqual({ ...plain, body: undefined, sysFlag: undefined, ...rest })
})

test('the topic is put into the namespace and the message says which', () => {
  const outgoing = preparer('ns').prepare({ topic: 'T', body: 'x' })
  expect(outgoing.topic).toBe('ns%T')
  expect(decodeProperties(outgoing.encodedProperties).get('INSTANCE_ID')).toBe('ns')
})

test('a property with a separator in it is refused before anything is sent', () => {
  const message = { topic: 'T', body: 'x', properties: { colour: 'red\u0002TAGS\u0001forged' } }
  expect(() => preparer().prepare(message)).toThrow(/separate properties/)
})
