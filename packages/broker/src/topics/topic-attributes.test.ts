import { expect, test } from 'vitest'
import { type AttributeChange, attributeEntries, changeAttributes, type TopicAttributes } from './topic-attributes.js'

const change = (existing: TopicAttributes | undefined, source: string): AttributeChange =>
  changeAttributes(existing, attributeEntries(source))

const fifo = new Map([['message.type', 'FIFO']])

test('a new topic takes the attributes that are added', () => {
  expect(change(undefined, '+message.type=FIFO,+cleanup.policy=DELETE')).toEqual({
    attributes: new Map([...fifo, ['cleanup.policy', 'DELETE']]),
  })
})

test('an attribute that may change is replaced or removed, the others stay', () => {
  expect(change(fifo, '+message.type=DELAY')).toEqual({ attributes: new Map([['message.type', 'DELAY']]) })
  expect(change(fifo, '-message.type')).toEqual({ attributes: new Map() })
  expect(change(fifo, '')).toEqual({ attributes: fifo })
})

test.each([
  ['+colour=red', 'attribute colour is not supported: use queue.type, cleanup.policy, message.type'],
  [
    '+message.type=FAST',
    'attribute message.type is one of UNSPECIFIED, NORMAL, FIFO, DELAY, TRANSACTION, MIXED, not FAST',
  ],
  ['message.type=FIFO', "attribute 'message.type=FIFO' is written +name=value, or -name to remove it"],
  ['+message.type', "attribute '+message.type' is written +name=value, or -name to remove it"],
  ['-message.type', 'attribute message.type cannot be removed from a topic that does not exist'],
])('the request %s for a new topic is refused with its reason', (source, problem) => {
  expect(change(undefined, source)).toEqual({ problem })
})

test('an attribute that is fixed at creation cannot change later', () => {
  expect(change(new Map(), '+queue.type=SimpleCQ')).toEqual({
    problem: 'attribute queue.type cannot be changed after the topic was created',
  })
})

test('attributes of existing topics are not changed in place', () => {
  const before = new Map(fifo)
  change(before, '+message.type=DELAY')
  expect(before).toEqual(fifo)
})
