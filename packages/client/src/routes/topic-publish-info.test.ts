import type { TopicRouteData } from '@mq/remoting'
import { SimulatedRuntime } from '@mq/remoting/testing'
import { expect, test } from 'vitest'
import { TopicPublishInfo, topicRouteData2TopicPublishInfo } from './topic-publish-info.js'

const queueOf = (brokerName: string, writeQueueNums: number, perm = 6): TopicRouteData['queueDatas'][number] => ({
  brokerName,
  readQueueNums: 8,
  writeQueueNums,
  perm,
  topicSysFlag: 0,
})
const brokerOf = (brokerName: string, id = 0): TopicRouteData['brokerDatas'][number] => ({
  brokerName,
  cluster: 'c',
  brokerAddrs: new Map([[id, `${brokerName}:10911`]]),
  enableActingMaster: false,
})
const route = (parts: Partial<TopicRouteData>): TopicRouteData => ({
  queueDatas: [],
  brokerDatas: [],
  filterServerTable: new Map(),
  ...parts,
})
const names = (queues: readonly { brokerName: string; queueId: number }[]): string[] =>
  queues.map(({ brokerName, queueId }) => `${brokerName}:${queueId}`)

test('writable queues come by broker name, each broker from queue 0 to writeQueueNums', () => {
  const { messageQueues, orderTopic } = topicRouteData2TopicPublishInfo(
    'T',
    route({ queueDatas: [queueOf('b', 1), queueOf('a', 2)], brokerDatas: [brokerOf('b'), brokerOf('a')] }),
  )
  expect(names(messageQueues)).toEqual(['a:0', 'a:1', 'b:0'])
  expect(orderTopic).toBe(false)
})

test('queues without write permission, without a known broker or without a master are left out', () => {
  const { messageQueues } = topicRouteData2TopicPublishInfo(
    'T',
    route({
      queueDatas: [queueOf('readOnly', 1, 4), queueOf('unknown', 1), queueOf('slaveOnly', 1), queueOf('good', 1)],
      brokerDatas: [brokerOf('readOnly'), brokerOf('slaveOnly', 1), brokerOf('good')],
    }),
  )
  expect(names(messageQueues)).toEqual(['good:0'])
})

test('an order configuration names exactly the queues, whatever the queue data say', () => {
  const { messageQueues, orderTopic } = topicRouteData2TopicPublishInfo(
    'T',
    route({ orderTopicConf: 'b:1;a:2', queueDatas: [queueOf('c', 4)], brokerDatas: [brokerOf('c')] }),
  )
  expect(names(messageQueues)).toEqual(['b:0', 'a:0', 'a:1'])
  expect(orderTopic).toBe(true)
})

test('a static topic is sent to by global queue id', () => {
  const mapping = { totalQueues: 2, epoch: 1, dirty: false, scope: '__global__' }
  const { messageQueues } = topicRouteData2TopicPublishInfo(
    'T',
    route({
      queueDatas: [queueOf('a', 8)],
      brokerDatas: [brokerOf('a')],
      topicQueueMappingByBroker: new Map([['a', { ...mapping, bname: 'a', currIdMap: new Map([[1, 0]]) }]]),
    }),
  )
  expect(names(messageQueues)).toEqual(['__syslo__global__:0', '__syslo__global__:1'])
})

const infoOf = (...brokerNames: string[]): TopicPublishInfo => {
  const messageQueues = brokerNames.map((brokerName, queueId) => ({ topic: 'T', brokerName, queueId }))
  return new TopicPublishInfo({ messageQueues, orderTopic: false }, new SimulatedRuntime({ seed: 7 }).random)
}

test('the round robin visits every queue once before it visits one again', () => {
  const info = infoOf('a', 'b', 'c')
  const round = [1, 2, 3].map(() => info.selectOneMessageQueue()?.brokerName)
  expect(new Set(round)).toEqual(new Set(['a', 'b', 'c']))
  expect([1, 2, 3].map(() => info.selectOneMessageQueue()?.brokerName)).toEqual(round)
})

test('a filter that nothing passes gives no queue after one round', () => {
  const info = infoOf('a', 'b')
  let asked = 0
  expect(info.selectOneMessageQueue(() => ++asked === 0)).toBeUndefined()
  expect(asked).toBe(2)
})

test('the index of the round robin wraps to 0 like a positive int in Java', () => {
  const random = { ...new SimulatedRuntime({ seed: 1 }).random, int: () => 0x7fffffff }
  const messageQueues = ['a', 'b', 'c'].map((brokerName, queueId) => ({ topic: 'T', brokerName, queueId }))
  const info = new TopicPublishInfo({ messageQueues, orderTopic: false }, random)
  expect(info.selectOneMessageQueue()?.queueId).toBe(0)
})
