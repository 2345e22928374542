import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { crc32, type MessageQueue } from '@mq/remoting'
import { describe, expect, it, test } from 'vitest'
import type { AllocateMessageQueueStrategy } from '../src/rebalance/allocate-message-queue-strategy.js'
import {
  allocateMessageQueueAveragely,
  allocateMessageQueueAveragelyByCircle,
} from '../src/rebalance/allocate-message-queue-averagely.js'
import { allocateMessageQueueByConfig } from '../src/rebalance/allocate-by-config.js'
import {
  allocateMachineRoomNearby,
  allocateMessageQueueByMachineRoom,
} from '../src/rebalance/allocate-by-machine-room.js'
import { allocateMessageQueueConsistentHash } from '../src/rebalance/allocate-consistent-hash.js'
import { compareMessageQueues, compareText } from '../src/rebalance/queue-map.js'

const upTo = (separator: string, text: string): string => text.slice(0, text.indexOf(separator))
const resolver = {
  brokerDeployIn: ({ brokerName }: MessageQueue): string => upTo('@', brokerName),
  consumerDeployIn: (clientId: string): string => upTo('-', clientId),
}
const strategies: Record<string, AllocateMessageQueueStrategy> = {
  AVG: allocateMessageQueueAveragely,
  AVG_BY_CIRCLE: allocateMessageQueueAveragelyByCircle,
  MACHINE_ROOM: allocateMessageQueueByMachineRoom(['room0', 'room2']),
  'MACHINE_ROOM_NEARBY-AVG': allocateMachineRoomNearby(allocateMessageQueueAveragely, resolver),
  'MACHINE_ROOM_NEARBY-AVG_BY_CIRCLE': allocateMachineRoomNearby(allocateMessageQueueAveragelyByCircle, resolver),
  CONSISTENT_HASH: allocateMessageQueueConsistentHash(),
  'CONSISTENT_HASH*3': allocateMessageQueueConsistentHash({ virtualNodeCnt: 3 }),
}

const queuesOf = (brokers: number, queues: number): MessageQueue[] =>
  Array.from({ length: brokers }, (_, broker) =>
    Array.from({ length: queues }, (_, queueId) => ({
      topic: 'Orders',
      brokerName: `room${broker}@broker-${String.fromCharCode(97 + broker)}`,
      queueId,
    })),
  )
    .flat()
    .sort(compareMessageQueues)
const membersOf = (count: number): string[] =>
  Array.from({ length: count }, (_, at) => `room${at % 3}-10.0.0.${at}@${1000 + at * 7}#ü`).sort(compareText)

interface Vector {
  readonly strategy: string
  readonly brokers: number
  readonly queues: number
  readonly members: number
  /** One digit a queue: the place of its owner among the members, `-` for nobody. */
  readonly owners: string
  /** CRC of all shares in their order. */
  readonly crc: string
}

/** What the strategies of Apache RocketMQ 5.4.0 answered for these inputs. */
const vectors = readFileSync(join(import.meta.dirname, 'golden/java-allocations.golden'), 'utf8')
  .trim()
  .split('\n')
  .map((line): Vector => {
    const [strategy = '', brokers, queues, members, owners = '', crc = ''] = line.split(' ')
    return { strategy, brokers: Number(brokers), queues: Number(queues), members: Number(members), owners, crc }
  })

test.each(Object.keys(strategies))('%s gives every member the queues Java gives it, in the same order', (name) => {
  const strategy = strategies[name] as AllocateMessageQueueStrategy
  const rows = vectors.filter((vector) => vector.strategy === name)
  expect(rows).toHaveLength(90)
  for (const { brokers, queues, members, owners, crc } of rows) {
    const mqAll = queuesOf(brokers, queues)
    const cidAll = membersOf(members)
    const found = mqAll.map(() => '-')
    let order = ''
    for (const [place, currentCID] of cidAll.entries()) {
      const share = strategy.allocate({ consumerGroup: 'billing', currentCID, mqAll, cidAll })
      for (const queue of share) found[mqAll.indexOf(queue)] = place.toString(36)
      order += `${share.map((queue) => `${mqAll.indexOf(queue)},`).join('')};`
    }
    expect([found.join(''), crc32(Buffer.from(order)).toString(16)]).toEqual([owners, crc])
  }
})

test('the names are those Java shows', () => {
  const names = Object.values(strategies).map(({ name }) => name)
  expect([...new Set(names)]).toEqual(Object.keys(strategies).slice(0, 6))
  expect(allocateMessageQueueByConfig([]).name).toBe('CONFIG')
})

const request = {
  consumerGroup: 'billing',
  currentCID: 'room0-a',
  mqAll: queuesOf(1, 4),
  cidAll: ['room0-a', 'room0-b'],
}

describe.each(Object.entries(strategies))('%s', (_, strategy) => {
  it('gives nothing to a client that is not among the members', () => {
    expect(strategy.allocate({ ...request, currentCID: 'room0-x' })).toEqual([])
  })

  it('refuses to share out nothing, or among nobody, as Java does', () => {
    for (const part of [{ mqAll: [] }, { cidAll: [] }, { currentCID: '' }]) {
      expect(() => strategy.allocate({ ...request, ...part })).toThrow(expect.objectContaining({ code: 'ALLOCATION' }))
    }
  })
})

test('a configured share is given whoever the members are', () => {
  const queues = queuesOf(1, 2)
  expect(allocateMessageQueueByConfig(queues).allocate({ ...request, cidAll: [] })).toBe(queues)
})

test('a broker name with more or fewer than one room belongs to no machine room', () => {
  const named = ['room0@a', 'room0', 'room0@', 'x@room0@a', 'room0@a@', '@a'].map((brokerName) => ({
    topic: 'T',
    brokerName,
    queueId: 0,
  }))
  const share = allocateMessageQueueByMachineRoom(['room0']).allocate({ ...request, mqAll: named, cidAll: ['room0-a'] })
  expect(share.map(({ brokerName }) => brokerName)).toEqual(['room0@a', 'room0@a@'])
})

test('a room that cannot be told fails the allocation with what it was asked for', () => {
  const strategy = allocateMachineRoomNearby(allocateMessageQueueAveragely, {
    ...resolver,
    consumerDeployIn: (clientId) => (clientId.endsWith('b') ? '' : 'room0'),
  })
  expect(() => strategy.allocate(request)).toThrow('the room of "room0-b" is not known')
})

test('a client id that stands twice holds the queues of both on the ring', () => {
  const strategy = strategies['CONSISTENT_HASH'] as AllocateMessageQueueStrategy
  const mqAll = queuesOf(3, 16)
  const shareOf = (currentCID: string): number =>
    strategy.allocate({ ...request, currentCID, mqAll, cidAll: ['a', 'a', 'b'] }).length
  expect(shareOf('a') + shareOf('b')).toBe(48)
  expect(shareOf('a')).toBeGreaterThan(shareOf('b'))
})
