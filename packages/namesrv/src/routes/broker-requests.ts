import {
  AddWritePermOfBroker,
  type Answer,
  answer,
  BrokerHeartbeat,
  crc32,
  type DataVersion,
  decodeDataVersion,
  decodeRegisterBrokerBody,
  encodeBrokerMemberGroup,
  encodeClusterInfo,
  encodeDataVersion,
  encodeKVTable,
  GetBrokerClusterInfo,
  GetBrokerMemberGroup,
  type HandlerTable,
  QueryDataVersion,
  RegisterBroker,
  type RegisterBrokerBody,
  type RequestOf,
  type RequestContext,
  ResponseCode,
  ResponseError,
  UnregisterBroker,
  WipeWritePermOfBroker,
} from '@mq/remoting'
import type { NamesrvConfigValues } from '../configuration/namesrv-config.js'
import { type KVConfigManager, ORDER_TOPIC_CONFIG_NAMESPACE } from '../kv-config/kv-config-manager.js'
import type { NameServerLimits } from '../name-server-limits.js'
import type { BatchUnregistrationService } from './batch-unregistration-service.js'
import type { RouteInfoManager } from './route-info-manager.js'

/** Entry of extFields that names a broker's zone. Java: MixAll.ZONE_NAME. */
export const ZONE_NAME = '__ZONE_NAME'

/** What the requests work with. */
export interface BrokerRequestsOptions {
  readonly routes: RouteInfoManager
  readonly unregistration: BatchUnregistrationService
  readonly kvConfig: KVConfigManager
  readonly config: NamesrvConfigValues
  readonly limits: NameServerLimits
}

const noVersion: DataVersion = { counter: 0, stateVersion: 0, timestamp: 0 }

/** Answers the requests of brokers, and those about them. Java: DefaultRequestProcessor. */
export function serveBrokers(handlers: HandlerTable, options: BrokerRequestsOptions): void {
  const { routes, unregistration } = options
  handlers.on(RegisterBroker, (request, context) => registerBroker(options, request, context))
  handlers.on(UnregisterBroker, (departure) => {
    if (unregistration.submit(departure)) return answer({})
    throw new ResponseError(ResponseCode.SYSTEM_ERROR, 'too many brokers leave at once: try again')
  })
  handlers.on(QueryDataVersion, (address, { body }) => {
    const changed = routes.isTopicConfigChanged(address, body === undefined ? noVersion : decodeDataVersion(body))
    routes.touch(address)
    const known = routes.dataVersionOf(address)
    return answer({ header: { changed }, body: known && encodeDataVersion(known) })
  })
  handlers.on(BrokerHeartbeat, (address) => {
    routes.touch(address)
    return answer({})
  })
  handlers.on(GetBrokerClusterInfo, () => answer({ body: encodeClusterInfo(routes.clusterInfo()) }))
  handlers.on(GetBrokerMemberGroup, ({ clusterName, brokerName }) =>
    answer({ body: encodeBrokerMemberGroup(routes.brokerMemberGroup(clusterName, brokerName)) }),
  )
  handlers.on(WipeWritePermOfBroker, ({ brokerName }) => ({
    wipeTopicCount: routes.wipeWritePermOfBroker(brokerName),
  }))
  handlers.on(AddWritePermOfBroker, ({ brokerName }) => ({ addTopicCount: routes.addWritePermOfBroker(brokerName) }))
}

function registerBroker(
  options: BrokerRequestsOptions,
  request: RequestOf<typeof RegisterBroker>,
  context: RequestContext,
): Answer {
  const { routes, unregistration, kvConfig, config } = options
  const { topicConfigSerializeWrapper: topics, filterServerList } = readBody(request, context, options.limits)
  const { brokerName, brokerAddr, clusterName, brokerId, haServerAddr, heartbeatTimeoutMillis, enableActingMaster } =
    request
  unregistration.flush()
  const result = routes.registerBroker({
    brokerName,
    brokerAddr,
    clusterName,
    brokerId,
    haServerAddr,
    heartbeatTimeoutMillis,
    enableActingMaster,
    zoneName: context.command.extFields?.[ZONE_NAME],
    topics,
    filterServerList,
    channel: context.connection,
  })
  if (result.kind === 'refused') throw new ResponseError(ResponseCode.SYSTEM_ERROR, result.reason)
  const order = config.returnOrderTopicConfigToBroker ? kvConfig.list(ORDER_TOPIC_CONFIG_NAMESPACE) : undefined
  const master = result.kind === 'registered' ? result.master : undefined
  return answer({ header: { ...master }, body: order && encodeKVTable(order) })
}

function readBody(
  { compressed, bodyCrc32 }: RequestOf<typeof RegisterBroker>,
  { body, command }: RequestContext,
  limits: NameServerLimits,
): RegisterBrokerBody {
  if (bodyCrc32 !== 0 && bodyCrc32 !== crc32(body ?? Buffer.alloc(0))) {
    throw new ResponseError(ResponseCode.SYSTEM_ERROR, 'crc32 not match')
  }
  if (body === undefined) return emptyBody()
  if (body.length > limits.maxRegistrationBodySize) {
    throw tooLarge(`${body.length} bytes`, `maxRegistrationBodySize is ${limits.maxRegistrationBodySize}`)
  }
  const decoded = decodeRegisterBrokerBody(body, { compressed, version: command.version })
  const { size } = decoded.topicConfigSerializeWrapper.topicConfigTable
  if (size <= limits.maxTopicsPerRegistration) return decoded
  throw tooLarge(`${size} topics`, `maxTopicsPerRegistration is ${limits.maxTopicsPerRegistration}`)
}

function tooLarge(what: string, limit: string): ResponseError {
  return new ResponseError(ResponseCode.SYSTEM_ERROR, `the registration has ${what}, ${limit}`)
}

function emptyBody(): RegisterBrokerBody {
  const topicConfigSerializeWrapper = {
    dataVersion: noVersion,
    mappingDataVersion: noVersion,
    topicConfigTable: new Map(),
    topicQueueMappingDetailMap: new Map(),
    topicQueueMappingInfoMap: new Map(),
  }
  return { topicConfigSerializeWrapper, filterServerList: [] }
}
