import type { TopicQueueMappingInfo, TopicRouteData } from '@mq/remoting'
import { expect, test } from 'vitest'
import {
  missingEndpointBrokerName,
  topicRouteData2EndpointsForStaticTopic,
  virtualBrokerName,
} from './static-topic-endpoints.js'

const mapping = (bname: string, parts: Partial<TopicQueueMappingInfo>): [string, TopicQueueMappingInfo] => [
  bname,
  { bname, totalQueues: 3, epoch: 1, dirty: false, scope: '__global__', currIdMap: new Map(), ...parts },
]
const route = (...mappings: [string, TopicQueueMappingInfo][]): TopicRouteData => ({
  queueDatas: [],
  brokerDatas: [],
  filterServerTable: new Map(),
  topicQueueMappingByBroker: new Map(mappings),
})
const leaders = (data: TopicRouteData): string[] =>
  topicRouteData2EndpointsForStaticTopic('T', data).map(({ queue, brokerName }) => `${queue.queueId}=${brokerName}`)

test('of two brokers that claim a logical queue the higher epoch has it, in whichever order they are listed', () => {
  const old = mapping('old', {
    epoch: 1,
    currIdMap: new Map([
      [0, 0],
      [1, 1],
    ]),
  })
  const fresh = mapping('fresh', { epoch: 2, currIdMap: new Map([[1, 0]]) })
  expect(leaders(route(old, fresh))).toEqual(['0=old', '1=fresh', `2=${missingEndpointBrokerName}`])
  expect(leaders(route(fresh, old))).toEqual(['0=old', '1=fresh', `2=${missingEndpointBrokerName}`])
})

test('the largest number of queues in a scope counts, even from an older epoch', () => {
  const small = mapping('a', { epoch: 9, totalQueues: 1, currIdMap: new Map([[0, 0]]) })
  const large = mapping('b', { epoch: 1, totalQueues: 2, currIdMap: new Map([[1, 0]]) })
  expect(leaders(route(small, large))).toEqual(['0=a', '1=b'])
})

test('every scope has a virtual broker of its own', () => {
  expect(virtualBrokerName('__global__')).toBe('__syslo__global__')
  expect(virtualBrokerName('blue')).toBe('__syslo__blue')
  const data = route(mapping('a', { totalQueues: 1 }), mapping('b', { totalQueues: 1, scope: 'blue' }))
  const queues = topicRouteData2EndpointsForStaticTopic('T', data).map(({ queue }) => queue.brokerName)
  expect(queues).toEqual(['__syslo__global__', '__syslo__blue'])
})

test('a mapping without a scope is ignored', () => {
  expect(leaders(route(mapping('a', { scope: undefined })))).toEqual([])
})
