import { expect, test } from 'vitest'
import { topicRouteData2TopicSubscribeInfo } from './topic-subscribe-info.js'

const queueData = { readQueueNums: 2, writeQueueNums: 8, topicSysFlag: 0 }

test('readable queues are read whether or not their master is known', () => {
  const queues = topicRouteData2TopicSubscribeInfo('T', {
    queueDatas: [
      { ...queueData, brokerName: 'a', perm: 4 },
      { ...queueData, brokerName: 'writeOnly', perm: 2 },
    ],
    brokerDatas: [],
    filterServerTable: new Map(),
  })
  expect(queues).toEqual([
    { topic: 'T', brokerName: 'a', queueId: 0 },
    { topic: 'T', brokerName: 'a', queueId: 1 },
  ])
})

test('a static topic is read by its logical queues only', () => {
  const queues = topicRouteData2TopicSubscribeInfo('T', {
    queueDatas: [{ ...queueData, brokerName: 'a', perm: 6 }],
    brokerDatas: [],
    filterServerTable: new Map(),
    topicQueueMappingByBroker: new Map([
      ['a', { totalQueues: 1, epoch: 1, dirty: false, scope: '__global__', bname: 'a', currIdMap: new Map([[0, 1]]) }],
    ]),
  })
  expect(queues).toEqual([{ topic: 'T', brokerName: '__syslo__global__', queueId: 0 }])
})
