import type { BrokerData, TopicRouteData } from '@mq/remoting'
import { expect, it } from 'vitest'
import { inZone, withActingMasters } from './topic-route.js'

const slaves: [number, string][] = [
  [3, 'three:1'],
  [1, 'one:1'],
]

it('the slave with the lowest id stands in for a missing master', () => {
  const { brokerDatas } = withActingMasters('T', route(broker({ addrs: slaves }), 4))
  expect(brokerDatas[0]?.brokerAddrs).toEqual(
    new Map([
      [0, 'one:1'],
      [3, 'three:1'],
    ]),
  ) // both keep their address
})

it.each([
  ['a broker with a master', broker({ addrs: [[0, 'zero:1'], ...slaves] }), 4, 'T'],
  ['a broker that takes messages', broker({ addrs: slaves }), 6, 'T'],
  ['a broker that does not allow it', broker({ addrs: slaves, enableActingMaster: false }), 4, 'T'],
  ['a broker without addresses', broker({ addrs: [] }), 4, 'T'],
  ['the topic brokers find each other by', broker({ addrs: slaves }), 4, 'rmq_sys_SYNC_BROKER_MEMBER_a'],
])('%s is shown as it is', (...[, data, perm, topic]) => {
  const original = route(data, perm)
  expect(withActingMasters(topic, original)).toEqual(original)
})

it('a zone hides the masters of others, and shows slaves whose master is down', () => {
  const near = broker({ brokerName: 'near', addrs: [[0, 'near:1']], zoneName: 'z1' })
  const far = broker({ brokerName: 'far', addrs: [[0, 'far:1']], zoneName: 'z2' })
  const down = broker({ brokerName: 'down', addrs: [[1, 'down:1']], zoneName: 'z2' })
  const whole: TopicRouteData = {
    brokerDatas: [near, far, down],
    queueDatas: [near, far, down].map(({ brokerName }) => queues(brokerName, 6)),
    filterServerTable: new Map([
      ['near:1', ['n']],
      ['far:1', ['f']],
    ]), // by broker address
  }
  const shown = inZone('z1', whole)
  expect(shown.brokerDatas.map(({ brokerName }) => brokerName)).toEqual(['near', 'down'])
  expect(shown.queueDatas.map(({ brokerName }) => brokerName)).toEqual(['near', 'down'])
  expect(shown.filterServerTable).toEqual(new Map([['near:1', ['n']]]))
})

interface BrokerShape {
  addrs: [number, string][]
  brokerName?: string
  enableActingMaster?: boolean
  zoneName?: string
}

function broker({ addrs, brokerName = 'a', enableActingMaster = true, zoneName }: BrokerShape): BrokerData {
  return { cluster: 'c', brokerName, enableActingMaster, zoneName, brokerAddrs: new Map(addrs) }
}

function queues(brokerName: string, perm: number) {
  return { brokerName, readQueueNums: 1, writeQueueNums: 1, perm, topicSysFlag: 0 }
}

function route(data: BrokerData, perm: number): TopicRouteData {
  return { brokerDatas: [data], queueDatas: [queues(data.brokerName, perm)], filterServerTable: new Map() }
}
