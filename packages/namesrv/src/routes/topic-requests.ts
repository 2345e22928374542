import {
  answer,
  type Answer,
  type Clock,
  type Command,
  decodeTopicRouteData,
  DeleteTopicInNamesrv,
  encodeTopicList,
  encodeTopicRouteData,
  GetAllTopicListFromNameserver,
  GetHasUnitSubTopicList,
  GetHasUnitSubUnunitTopicList,
  GetRouteInfoByTopic,
  GetSystemTopicListFromNs,
  GetTopicsByCluster,
  GetUnitTopicList,
  type HandlerTable,
  protocolVersion,
  RegisterTopicInNamesrv,
  type RemotingCommand,
  ResponseCode,
  ResponseError,
  type TopicList,
  type TopicRouteData,
} from '@mq/remoting'
import type { NamesrvConfigValues } from '../configuration/namesrv-config.js'
import { type KVConfigManager, ORDER_TOPIC_CONFIG_NAMESPACE } from '../kv-config/kv-config-manager.js'
import { ZONE_NAME } from './broker-requests.js'
import type { RouteInfoManager } from './route-info-manager.js'
import { inZone } from './topic-route.js'
import type { UnitFilter } from './topic-queue-table.js'

/** Entry of extFields by which a client asks for brokers of its zone. Java: MixAll.ZONE_MODE. */
const ZONE_MODE = '__ZONE_MODE'
/** Older clients read routes in fastjson's form only. */
const FIRST_VERSION_WITH_STANDARD_JSON = protocolVersion(4, 9, 4)
const MAX_PENDING_ROUTES = 50_000

/** What the requests work with. */
export interface TopicRequestsOptions {
  readonly routes: RouteInfoManager
  readonly kvConfig: KVConfigManager
  readonly config: NamesrvConfigValues
  readonly clock: Clock
}

/** Answers the requests for routes and names of topics. Java: ClientRequestProcessor, DefaultRequestProcessor. */
export function serveTopics(handlers: HandlerTable, options: TopicRequestsOptions): void {
  const { routes, config } = options
  const readiness = new Readiness(options)
  handlers.on(
    GetRouteInfoByTopic,
    ({ topic, acceptStandardJsonOnly }, { command }) => {
      readiness.check()
      const route = routeFor(options, topic, command)
      const isStandard = command.version >= FIRST_VERSION_WITH_STANDARD_JSON || acceptStandardJsonOnly === true
      return answer({ body: encodeTopicRouteData(route, isStandard ? 'standard' : 'fastjson') })
    },
    { maxPending: MAX_PENDING_ROUTES },
  )
  handlers.on(RegisterTopicInNamesrv, ({ topic }, { body }) => {
    if (body !== undefined) routes.registerTopic(topic, decodeTopicRouteData(body).queueDatas)
    return answer({})
  })
  handlers.on(DeleteTopicInNamesrv, ({ topic, clusterName }) => {
    routes.deleteTopic(topic, clusterName === '' ? undefined : clusterName)
    return answer({})
  })
  handlers.on(GetAllTopicListFromNameserver, () => {
    if (!config.enableAllTopicList) throw new ResponseError(ResponseCode.SYSTEM_ERROR, 'disable')
    return listed(routes.allTopicList())
  })
  handlers.on(GetSystemTopicListFromNs, () => listed(routes.systemTopicList()))
  handlers.on(GetTopicsByCluster, ({ cluster }) => {
    checkTopicList(config)
    return listed(routes.topicsByCluster(cluster))
  })
  for (const [command, filter] of unitLists) {
    handlers.on(command, () => {
      checkTopicList(config)
      return listed(routes.unitTopicList(filter))
    })
  }
}

const unitLists: ReadonlyArray<readonly [Command, UnitFilter]> = [
  [GetUnitTopicList, 'unit'],
  [GetHasUnitSubTopicList, 'hasUnitSub'],
  [GetHasUnitSubUnunitTopicList, 'hasUnitSubUnunit'],
]

/** Whether brokers had time to register since the start. */
class Readiness {
  readonly #options: TopicRequestsOptions
  readonly #startedMs: number
  #isReady = false

  constructor(options: TopicRequestsOptions) {
    this.#options = options
    this.#startedMs = options.clock.monotonic()
  }

  /** Refuses while a name server that has just started may not know all routes. */
  check(): void {
    const { config, clock } = this.#options
    if (this.#isReady || !config.needWaitForService) return
    this.#isReady = clock.monotonic() - this.#startedMs >= config.waitSecondsForService * 1_000
    if (!this.#isReady) throw new ResponseError(ResponseCode.SYSTEM_ERROR, 'name server not ready')
  }
}

function routeFor(options: TopicRequestsOptions, topic: string, { extFields }: RemotingCommand): TopicRouteData {
  const { routes, kvConfig, config } = options
  const route = routes.pickupTopicRouteData(topic)
  if (route === undefined) {
    const remark =
      `No topic route info in name server for the topic: ${topic}\n` +
      'See https://rocketmq.apache.org/docs/bestPractice/06FAQ for further details.'
    throw new ResponseError(ResponseCode.TOPIC_NOT_EXIST, remark)
  }
  const orderTopicConf = config.orderMessageEnable ? kvConfig.get(ORDER_TOPIC_CONFIG_NAMESPACE, topic) : undefined
  const zoneName = extFields?.[ZONE_MODE]?.toLowerCase() === 'true' ? extFields[ZONE_NAME] : undefined
  const whole = { ...route, orderTopicConf }
  return zoneName === undefined || zoneName.trim() === '' ? whole : inZone(zoneName, whole)
}

function checkTopicList(config: NamesrvConfigValues): void {
  if (!config.enableTopicList) throw new ResponseError(ResponseCode.SYSTEM_ERROR, 'disable')
}

function listed(list: TopicList): Answer {
  return answer({ body: encodeTopicList(list) })
}
