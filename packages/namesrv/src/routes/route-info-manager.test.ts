import { describe, expect, it } from 'vitest'
import { registerBody, topicConfig } from '../../test/registrations.js'
import type { BrokerChannel } from './broker-live-table.js'
import type { BrokerRegistration, MinBrokerIdChange } from './broker-registration.js'
import { RouteInfoManager } from './route-info-manager.js'

const twoTopics = [topicConfig('Orders'), topicConfig('Bills', { readQueueNums: 8, writeQueueNums: 2, perm: 4 })]

describe('registration', () => {
  it('a broker registers its topics, and clients find them', () => {
    const { routes, register } = setUp()
    expect(register({})).toEqual({ kind: 'registered' })
    expect(routes.pickupTopicRouteData('Bills')).toEqual({
      brokerDatas: [brokerData('a', [[0, '10.0.0.1:1']])],
      queueDatas: [{ brokerName: 'a', readQueueNums: 8, writeQueueNums: 2, perm: 4, topicSysFlag: 0 }],
      filterServerTable: new Map(),
      topicQueueMappingByBroker: undefined,
    })
    expect(routes.pickupTopicRouteData('Nothing')).toBeUndefined()
  })

  it('one topic of a broker that is not registered is refused and leaves no trace', () => {
    const { routes, register } = setUp()
    expect(register({ topics: [topicConfig('Orders')] })).toEqual({ kind: 'refused', reason: 'register broker failed' })
    expect(routes.clusterInfo().clusterAddrTable.size).toBe(0)
    expect(routes.allTopicList().topicList).toEqual([])
  })

  it('one topic of a registered broker is added to its others', () => {
    const { routes, register } = setUp()
    register({})
    register({ topics: [topicConfig('Added')], counter: 2 })
    expect(routes.allTopicList().topicList).toEqual(['Orders', 'Bills', 'Added'])
  })

  it('changed queues of a known topic need a new version', () => {
    const { routes, register } = setUp()
    register({})
    const changed = [topicConfig('Orders', { writeQueueNums: 9 }), topicConfig('Bills')]
    register({ topics: changed })
    expect(routes.pickupTopicRouteData('Orders')?.queueDatas[0]?.writeQueueNums).toBe(4)
    register({ topics: changed, counter: 2 })
    expect(routes.pickupTopicRouteData('Orders')?.queueDatas[0]?.writeQueueNums).toBe(9)
  })

  it('a topic that was deleted comes back with the next registration, though its version is known', () => {
    const { routes, register } = setUp()
    register({})
    routes.deleteTopic('Orders')
    register({})
    expect(routes.allTopicList().topicList).toContain('Orders')
  })

  it('topics missing from a full registration stay, unless they are to be deleted', () => {
    const kept = setUp()
    kept.register({})
    kept.register({ topics: [topicConfig('Orders'), topicConfig('New')], counter: 2 })
    expect(kept.routes.allTopicList().topicList).toContain('Bills')

    const deleted = setUp({ deleteTopicWithBrokerRegistration: true })
    deleted.register({})
    deleted.register({ topics: [topicConfig('Orders'), topicConfig('New')], counter: 2 })
    expect(deleted.routes.allTopicList().topicList).not.toContain('Bills')
  })

  it('a slave learns the address of its master, and does not add topics', () => {
    const { routes, register } = setUp()
    register({ haServerAddr: '10.0.0.1:2' })
    const result = register({ brokerId: 1, brokerAddr: '10.0.0.2:1', topics: [topicConfig('Slave'), topicConfig('x')] })
    expect(result).toEqual({ kind: 'registered', master: { haServerAddr: '10.0.0.1:2', masterAddr: '10.0.0.1:1' } })
    expect(routes.pickupTopicRouteData('Slave')).toBeUndefined()
    const [broker] = routes.pickupTopicRouteData('Orders')?.brokerDatas ?? []
    expect(broker?.brokerAddrs).toEqual(
      new Map([
        [0, '10.0.0.1:1'],
        [1, '10.0.0.2:1'],
      ]),
    )
  })

  it('a slave that becomes the master keeps one id', () => {
    const { routes, register } = setUp()
    register({})
    register({ brokerId: 1, brokerAddr: '10.0.0.2:1' })
    register({ brokerId: 0, brokerAddr: '10.0.0.2:1', counter: 2 })
    expect(routes.brokerMemberGroup('c', 'a').brokerAddrs).toEqual(new Map([[0, '10.0.0.2:1']]))
    expect(routes.isLive({ clusterName: 'c', brokerAddr: '10.0.0.1:1' })).toBe(false)
  })

  it('an id held by an address of a later state is not taken over', () => {
    const { routes, register } = setUp()
    register({ stateVersion: 2 })
    expect(register({ brokerAddr: '10.0.0.9:1', stateVersion: 1 })).toEqual({ kind: 'outdated' })
    expect(routes.brokerMemberGroup('c', 'a').brokerAddrs).toEqual(new Map([[0, '10.0.0.1:1']]))
    expect(register({ brokerAddr: '10.0.0.9:1', stateVersion: 2 })).toEqual({ kind: 'registered' })
    expect(routes.brokerMemberGroup('c', 'a').brokerAddrs).toEqual(new Map([[0, '10.0.0.9:1']]))
  })

  it('an address under a new broker name leaves the old one', () => {
    const { routes, register } = setUp()
    register({})
    register({ brokerName: 'b' })
    expect([...routes.clusterInfo().brokerAddrTable.keys()]).toEqual(['b'])
    expect(routes.pickupTopicRouteData('Orders')?.brokerDatas).toHaveLength(1)
  })

  it('a broker that moved to another cluster survives the end of its old registration', () => {
    const { routes, register } = setUp()
    register({})
    register({ clusterName: 'other' })
    routes.unregisterBrokers([{ clusterName: 'c', brokerName: 'a', brokerAddr: '10.0.0.1:1', brokerId: 0 }])
    expect(routes.clusterInfo().clusterAddrTable).toEqual(new Map([['other', ['a']]]))
    expect(routes.pickupTopicRouteData('Orders')).toBeDefined()
  })

  it('one broker more than the bound is refused, a known one is not', () => {
    const { register } = setUp({}, 1)
    register({})
    expect(register({ brokerName: 'b', brokerAddr: '10.0.0.2:1' })).toMatchObject({ kind: 'refused' })
    expect(register({ counter: 2 })).toEqual({ kind: 'registered' })
  })

  it('names such as __proto__ are names', () => {
    const { routes, register } = setUp()
    register({
      clusterName: '__proto__',
      brokerName: 'constructor',
      topics: [topicConfig('__proto__'), topicConfig('x')],
    })
    expect(routes.pickupTopicRouteData('__proto__')?.brokerDatas[0]).toMatchObject({
      cluster: '__proto__',
      brokerName: 'constructor',
    })
    expect(routes.pickupTopicRouteData('toString')).toBeUndefined()
  })
})

describe('unregistration', () => {
  it('the last address takes broker, cluster and topics with it', () => {
    const { routes, register, leave } = setUp()
    register({})
    leave({})
    expect(routes.clusterInfo()).toEqual({ brokerAddrTable: new Map(), clusterAddrTable: new Map() })
    expect(routes.allTopicList().topicList).toEqual([])
    expect(routes.isLive({ clusterName: 'c', brokerAddr: '10.0.0.1:1' })).toBe(false)
  })

  it('topics of another broker stay', () => {
    const { routes, register, leave } = setUp()
    register({})
    register({ brokerName: 'b', brokerAddr: '10.0.0.2:1' })
    leave({})
    expect(routes.pickupTopicRouteData('Orders')?.brokerDatas.map((broker) => broker.brokerName)).toEqual(['b'])
  })

  it('a broker whose slaves may act loses the right to write with its master', () => {
    for (const enableActingMaster of [true, false]) {
      const { routes, register, leave } = setUp()
      register({ enableActingMaster })
      register({ enableActingMaster, brokerId: 1, brokerAddr: '10.0.0.2:1' })
      leave({})
      expect(routes.pickupTopicRouteData('Orders')?.queueDatas[0]?.perm).toBe(enableActingMaster ? 4 : 6)
    }
  })

  it('an address that is not registered changes nothing', () => {
    const { routes, register, leave } = setUp()
    register({})
    leave({ brokerAddr: '10.9.9.9:1' })
    leave({ brokerName: 'unknown' })
    expect(routes.allTopicList().topicList).toHaveLength(2)
  })
})

describe('liveness', () => {
  it('a broker silent for longer than 120 s is expired, a moment earlier it is not', () => {
    const { routes, register, clock } = setUp()
    register({})
    clock.time += 120_000
    expect(routes.expiredBrokers()).toEqual([])
    clock.time += 1
    expect(routes.expiredBrokers()).toMatchObject([{ departure: { brokerName: 'a', brokerId: 0 }, timeoutMs: 120_000 }])
  })

  it('a broker may announce a shorter silence', () => {
    const { routes, register, clock } = setUp()
    register({ heartbeatTimeoutMillis: 500 })
    clock.time += 501
    expect(routes.expiredBrokers()).toHaveLength(1)
  })

  it('whoever is heard of starts anew, the unknown stay unknown', () => {
    const { routes, register, clock } = setUp()
    register({})
    clock.time += 100_000
    expect(routes.touch({ clusterName: 'c', brokerAddr: '10.0.0.1:1' })).toBe(true)
    expect(routes.touch({ clusterName: 'x', brokerAddr: '10.0.0.1:1' })).toBe(false)
    clock.time += 100_000
    expect(routes.expiredBrokers()).toEqual([])
  })

  it('a connection knows the brokers that registered through it last', () => {
    const { routes, register } = setUp()
    const [first, second] = [channel(), channel()]
    register({ channel: first })
    register({ channel: second, brokerName: 'b', brokerAddr: '10.0.0.2:1' })
    register({ channel: second })
    expect(routes.brokersOf(first)).toEqual([])
    expect(routes.brokersOf(second).map((broker) => broker.brokerName)).toEqual(['a', 'b'])
  })
})

describe('the lowest id of a broker name', () => {
  it('is announced when a lower one comes and when it goes, not when a higher one does', () => {
    const { register, leave, changes } = setUp()
    register({ brokerId: 2, brokerAddr: 'two:1' })
    register({ brokerId: 3, brokerAddr: 'three:1' })
    expect(changes).toEqual([])
    register({ brokerId: 0, brokerAddr: 'zero:1', haServerAddr: 'zero:2' })
    expect(changes.pop()).toMatchObject({ brokerName: 'a', haBrokerAddr: 'zero:2' })
    leave({ brokerId: 3, brokerAddr: 'three:1' })
    expect(changes).toEqual([])
    leave({ brokerId: 0, brokerAddr: 'zero:1' })
    expect(changes).toEqual([{ brokerName: 'a', brokerAddrs: new Map([[2, 'two:1']]), offlineBrokerAddr: 'zero:1' }])
  })
})

describe('topics', () => {
  it('the slave with the lowest id may register topics without the right to write, and acts as the master', () => {
    const { routes, register } = setUp({ supportActingMaster: true })
    register({ brokerId: 2, brokerAddr: 'two:1', enableActingMaster: true })
    register({ brokerId: 5, brokerAddr: 'five:1', enableActingMaster: true })
    const route = routes.pickupTopicRouteData('Orders')
    expect(route?.queueDatas[0]?.perm).toBe(4)
    expect(route?.brokerDatas[0]?.brokerAddrs).toEqual(
      new Map([
        [0, 'two:1'],
        [5, 'five:1'],
      ]),
    )
  })

  it('wiping takes the right to write of one broker, adding makes everything readable and writeable', () => {
    const { routes, register } = setUp()
    register({})
    register({ brokerName: 'b', brokerAddr: '10.0.0.2:1' })
    expect(routes.wipeWritePermOfBroker('a')).toBe(2)
    expect(routes.pickupTopicRouteData('Orders')?.queueDatas.map(({ perm }) => perm)).toEqual([4, 6])
    expect(routes.addWritePermOfBroker('a')).toBe(2)
    expect(routes.pickupTopicRouteData('Bills')?.queueDatas.map(({ perm }) => perm)).toEqual([6, 4])
    expect(routes.wipeWritePermOfBroker('unknown')).toBe(0)
  })

  it('a topic can be deleted everywhere or in one cluster', () => {
    const { routes, register } = setUp()
    register({})
    register({ clusterName: 'other', brokerName: 'b', brokerAddr: '10.0.0.2:1' })
    routes.deleteTopic('Orders', 'other')
    expect(routes.pickupTopicRouteData('Orders')?.queueDatas.map(({ brokerName }) => brokerName)).toEqual(['a'])
    routes.deleteTopic('Orders', 'unknown')
    routes.deleteTopic('Bills')
    expect(routes.allTopicList().topicList).toEqual(['Orders'])
  })

  it('queues are added to registered brokers only', () => {
    const { routes, register } = setUp()
    register({})
    const queues = { brokerName: 'a', readQueueNums: 1, writeQueueNums: 1, perm: 6, topicSysFlag: 0 }
    routes.registerTopic('New', [queues, { ...queues, brokerName: 'unknown' }])
    expect(routes.pickupTopicRouteData('New')?.queueDatas).toEqual([queues])
    routes.registerTopic('Lost', [{ ...queues, brokerName: 'unknown' }])
    expect(routes.allTopicList().topicList).not.toContain('Lost')
  })

  it('lists tell topics of clusters, of units, and the names of clusters and brokers', () => {
    const { routes, register } = setUp()
    register({ topics: [topicConfig('Unit', { topicSysFlag: 1 }), topicConfig('Sub', { topicSysFlag: 2 })] })
    const both = [topicConfig('Both', { topicSysFlag: 3 }), topicConfig('Unit')]
    register({ clusterName: 'other', brokerName: 'b', brokerAddr: '10.0.0.2:1', topics: both })
    expect(routes.topicsByCluster('other').topicList).toEqual(['Unit', 'Both'])
    expect(routes.topicsByCluster('unknown').topicList).toEqual([])
    expect(routes.unitTopicList('unit').topicList).toEqual(['Unit', 'Both'])
    expect(routes.unitTopicList('hasUnitSub').topicList).toEqual(['Sub', 'Both'])
    expect(routes.unitTopicList('hasUnitSubUnunit').topicList).toEqual(['Sub'])
    expect(routes.systemTopicList()).toEqual({ topicList: ['c', 'a', 'other', 'b'], brokerAddr: '10.0.0.1:1' })
  })

  it('filter servers and queue mappings are part of the route', () => {
    const { routes, register } = setUp()
    const mapping = {
      bname: 'a',
      totalQueues: 2,
      epoch: 1,
      dirty: false,
      currIdMap: new Map([[0, 1]]),
      topic: 'Orders',
    }
    register({ filterServerList: ['10.0.0.1:3'], mappings: new Map([['Orders', mapping]]) })
    expect(routes.pickupTopicRouteData('Orders')).toMatchObject({
      filterServerTable: new Map([['10.0.0.1:1', ['10.0.0.1:3']]]),
      topicQueueMappingByBroker: new Map([['a', mapping]]),
    })
  })
})

type Mappings = BrokerRegistration['topics']['topicQueueMappingInfoMap']

interface RegistrationChange extends Partial<Omit<BrokerRegistration, 'topics'>> {
  readonly topics?: ReturnType<typeof topicConfig>[]
  readonly mappings?: Mappings
  readonly counter?: number
  readonly stateVersion?: number
}

function setUp(
  settings: { supportActingMaster?: boolean; deleteTopicWithBrokerRegistration?: boolean } = {},
  maxBrokers = 100,
) {
  const clock = { time: 1_000, now: () => clock.time, monotonic: () => clock.time }
  const changes: MinBrokerIdChange[] = []
  const routes = new RouteInfoManager({
    clock,
    settings: { supportActingMaster: false, deleteTopicWithBrokerRegistration: false, ...settings },
    maxBrokers,
    onMinBrokerIdChanged: (change) => changes.push(change),
  })
  const identity = { clusterName: 'c', brokerName: 'a', brokerAddr: '10.0.0.1:1', brokerId: 0 }
  const register = (change: RegistrationChange) => {
    const { topics = twoTopics, mappings, counter, stateVersion, ...rest } = change
    const { topicConfigSerializeWrapper: wrapper } = registerBody(topics, counter, stateVersion)
    return routes.registerBroker({
      ...identity,
      haServerAddr: '',
      filterServerList: [],
      channel: channel(),
      enableActingMaster: false,
      ...rest,
      topics: mappings === undefined ? wrapper : { ...wrapper, topicQueueMappingInfoMap: mappings },
    })
  }
  const leave = (change: Partial<typeof identity>) => routes.unregisterBrokers([{ ...identity, ...change }])
  return { routes, register, leave, clock, changes }
}

function channel(): BrokerChannel {
  return { remoteAddress: '10.0.0.1:9', close: () => {} }
}

function brokerData(brokerName: string, addrs: [number, string][]) {
  return { brokerName, cluster: 'c', zoneName: undefined, enableActingMaster: false, brokerAddrs: new Map(addrs) }
}
