import { expect, test } from 'vitest'
import type { Message } from './message.js'
import { checkGroup, checkMessage } from './message-validation.js'

const legal: Message = { topic: 'Orders', body: 'x' }
const check = (part: object, maxMessageSize = 100): void => checkMessage({ ...legal, ...part }, maxMessageSize)
const illegal = expect.objectContaining({ code: 'MESSAGE_ILLEGAL', responseCode: 13 }) as Error

test('the longest topic, the largest body and every allowed character pass', () => {
  check({ topic: 'aZ09_-%|'.padEnd(127, 'x'), body: 'ü'.repeat(50), properties: { a: 'b' } })
})

test.each<[string, object]>([
  ['no topic', { topic: undefined }],
  ['a blank topic', { topic: ' ' }],
  ['a topic of 128 characters', { topic: 'x'.repeat(128) }],
  ['a topic with a dot', { topic: '../x' }],
  ['a topic that belongs to the broker', { topic: 'SCHEDULE_TOPIC_XXXX' }],
  ['an empty body', { body: Buffer.alloc(0) }],
  ['no body', { body: undefined }],
  ['a body of the wrong type', { body: 5 }],
  ['a body whose UTF-8 form is too large', { body: 'ü'.repeat(51) }],
  ['a flag that is no int', { flag: 2 ** 31 }],
  ['a reserved property', { properties: { KEYS: 'k' } }],
  ['a property without a value', { properties: { colour: ' ' } }],
  ['a property that is no string', { properties: new Map([['n', 5]]) }],
  ['a multi-dispatch to a path', { properties: { INNER_MULTI_DISPATCH: 'a/b' } }],
])('a message with %s is illegal', (_what, part) => {
  expect(() => check(part)).toThrow(illegal)
})

test.each(['', ' ', 'a b', 'x'.repeat(121), 'DEFAULT_PRODUCER', 'DEFAULT_CONSUMER'])('%j can be no group', (group) => {
  expect(() => checkGroup('producerGroup', group)).toThrow(expect.objectContaining({ code: 'CLIENT_CONFIG' }) as Error)
})

test('a group of 120 characters passes', () => {
  checkGroup('consumerGroup', 'x'.repeat(120))
})
