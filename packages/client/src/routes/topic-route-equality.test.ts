import type { TopicRouteData } from '@mq/remoting'
import { expect, test } from 'vitest'
import { isTopicRouteChanged } from './topic-route-equality.js'

const queue = { brokerName: 'a', readQueueNums: 4, writeQueueNums: 4, perm: 6, topicSysFlag: 0 }
const broker = { brokerName: 'a', cluster: 'c', brokerAddrs: new Map([[0, '1.1.1.1:1']]), enableActingMaster: false }
const mapping = { totalQueues: 1, epoch: 1, dirty: false, scope: 's', bname: 'a', currIdMap: new Map([[0, 0]]) }
const base: TopicRouteData = {
  queueDatas: [queue, { ...queue, brokerName: 'b' }],
  brokerDatas: [broker, { ...broker, brokerName: 'b' }],
  filterServerTable: new Map(),
}

test('the same route in another order is no change', () => {
  const reordered = { ...base, queueDatas: base.queueDatas.toReversed(), brokerDatas: base.brokerDatas.toReversed() }
  expect(isTopicRouteChanged(base, reordered)).toBe(false)
})

test('a cluster or zone of another name is no change, because nothing acts on it', () => {
  const renamed = { ...base, brokerDatas: base.brokerDatas.map((data) => ({ ...data, cluster: 'x', zoneName: 'z' })) }
  expect(isTopicRouteChanged(base, renamed)).toBe(false)
})

test.each<[string, Partial<TopicRouteData>]>([
  ['a queue number', { queueDatas: [{ ...queue, writeQueueNums: 5 }] }],
  ['a permission', { queueDatas: [{ ...queue, perm: 4 }] }],
  ['an address', { brokerDatas: [{ ...broker, brokerAddrs: new Map([[0, '1.1.1.2:1']]) }] }],
  ['a broker id', { brokerDatas: [{ ...broker, brokerAddrs: new Map([[1, '1.1.1.1:1']]) }] }],
  ['the order configuration', { orderTopicConf: 'a:1' }],
  ['a filter server', { filterServerTable: new Map([['a', ['x']]]) }],
  ['a queue mapping', { topicQueueMappingByBroker: new Map([['a', { ...mapping, currIdMap: new Map([[0, 1]]) }]]) }],
])('%s that differs is a change', (_what, part) => {
  const old: TopicRouteData = { ...base, queueDatas: [queue], brokerDatas: [broker] }
  const withMapping = { ...old, topicQueueMappingByBroker: new Map([['a', mapping]]) }
  expect(
    isTopicRouteChanged(part.topicQueueMappingByBroker === undefined ? old : withMapping, { ...old, ...part }),
  ).toBe(true)
})

test('the first route is a change', () => {
  expect(isTopicRouteChanged(undefined, base)).toBe(true)
})
