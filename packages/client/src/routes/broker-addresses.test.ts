import type { TopicRouteData } from '@mq/remoting'
import { expect, test } from 'vitest'
import { BrokerAddresses } from './broker-addresses.js'

const routeOf = (brokerName: string, ...addresses: [number, string][]): TopicRouteData => ({
  queueDatas: [],
  brokerDatas: [{ brokerName, cluster: 'c', brokerAddrs: new Map(addresses), enableActingMaster: false }],
  filterServerTable: new Map(),
})

test('a newer route replaces all addresses of a broker it names and no other', () => {
  const brokers = new BrokerAddresses()
  brokers.update(routeOf('a', [0, 'a0'], [1, 'a1']))
  brokers.update(routeOf('b', [0, 'b0']))
  brokers.update(routeOf('a', [1, 'a9']))
  expect(brokers.masterOf('a')).toBeUndefined()
  expect(brokers.masterOf('b')).toBe('b0')
  expect(brokers.all().map(({ address }) => address)).toEqual(['a9', 'b0'])
})

test('an address no route names is forgotten together with its version, the others stay', () => {
  const brokers = new BrokerAddresses()
  const a = routeOf('a', [0, 'a0'])
  brokers.update(a)
  brokers.update(routeOf('b', [0, 'b0'], [1, 'b1']))
  brokers.setVersion({ brokerName: 'b', brokerId: 0, address: 'b0' }, 493)
  expect(brokers.cleanOfflineBrokers([a]).map(({ address }) => address)).toEqual(['b0', 'b1'])
  expect(brokers.all().map(({ address }) => address)).toEqual(['a0'])
  expect(brokers.versionOf('b', 'b0')).toBe(0)
})
