import {
  answer,
  deferred,
  encodeClusterInfo,
  encodeTopicRouteData,
  GetBrokerClusterInfo,
  GetRouteInfoByTopic,
  RemotingServer,
  ResponseCode,
  type Runtime,
  type TopicRouteData,
} from '@mq/remoting'

/** A queue table entry of a scripted route. */
export interface RoutedBroker {
  readonly brokerName: string
  /** The master's address; undefined for a broker whose master is down. */
  readonly address: string | undefined
  /** Default 4. */
  readonly queues?: number
  /** Default 6. */
  readonly perm?: number
}

/** A route with these brokers. */
export function routeOver(...brokers: readonly RoutedBroker[]): TopicRouteData {
  return {
    queueDatas: brokers.map(({ brokerName, queues = 4, perm = 6 }) => ({
      brokerName,
      readQueueNums: queues,
      writeQueueNums: queues,
      perm,
      topicSysFlag: 0,
    })),
    brokerDatas: brokers.map(({ brokerName, address }) => ({
      brokerName,
      cluster: 'DefaultCluster',
      brokerAddrs: new Map(address === undefined ? [[1, '10.0.9.9:10911']] : [[0, address]]),
      enableActingMaster: false,
    })),
    filterServerTable: new Map(),
  }
}

/** A name server whose routes a test writes. */
export class ScriptedNameServer {
  readonly routes = new Map<string, TopicRouteData>()
  /** Brokers it names; default: those of its routes. */
  brokers: readonly RoutedBroker[] | undefined
  /** Topics asked for, in order. */
  readonly asked: string[] = []
  /** While true, queries get no answer. */
  isSilent = false
  readonly server: RemotingServer

  constructor(options: { runtime: Runtime; host: string; port?: number }) {
    this.server = new RemotingServer({ port: 0, ...options })
  }

  get address(): string {
    const { host, port } = this.server.endpoint
    return `${host}:${port}`
  }

  async start(): Promise<this> {
    this.server.handlers.on(GetRouteInfoByTopic, ({ topic }) => {
      this.asked.push(topic)
      if (this.isSilent) return deferred
      const route = this.routes.get(topic)
      if (route === undefined)
        return answer({ code: ResponseCode.TOPIC_NOT_EXIST, remark: `No topic route info: ${topic}` })
      return answer({ body: encodeTopicRouteData(route) })
    })
    this.server.handlers.on(GetBrokerClusterInfo, () => {
      const routes = this.brokers === undefined ? [...this.routes.values()] : [routeOver(...this.brokers)]
      const brokers = routes.flatMap(({ brokerDatas }) => brokerDatas.map((data) => [data.brokerName, data] as const))
      return answer({ body: encodeClusterInfo({ brokerAddrTable: new Map(brokers), clusterAddrTable: new Map() }) })
    })
    await this.server.start()
    return this
  }

  async close(): Promise<void> {
    await this.server.close()
  }
}
