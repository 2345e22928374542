import type { Answer, HandlerTable, SubscriptionGroupConfig } from '@mq/remoting'
import {
  answer,
  DeleteSubscriptionGroup,
  decodeSubscriptionGroupConfig,
  decodeSubscriptionGroupList,
  encodeSubscriptionGroupConfig,
  encodeSubscriptionGroupWrapper,
  GetAllSubscriptionGroupConfig,
  encodeGroupForbidden,
  GetSubscriptionGroupConfig,
  ResponseCode,
  ResponseError,
  UpdateAndCreateSubscriptionGroup,
  UpdateAndCreateSubscriptionGroupList,
  UpdateAndGetGroupForbidden,
  validateGroup,
  validateTopic,
} from '@mq/remoting'
import type { ConsumerOffsetManager } from '../offsets/consumer-offset-manager.js'
import type { BrokerStatistics } from '../statistics/broker-statistics.js'
import { bodyOf } from '../request-body.js'
import type { SubscriptionGroupManager } from './subscription-group-manager.js'

/** What the requests on subscription groups work with. */
export interface SubscriptionGroupRequestsOptions {
  readonly groups: SubscriptionGroupManager
  readonly offsets: ConsumerOffsetManager
  readonly statistics: BrokerStatistics
}

/** Serves the administration of subscription groups. Java: AdminBrokerProcessor#updateAndCreateSubscriptionGroup and others. */
export function registerSubscriptionGroupRequests(
  handlers: HandlerTable,
  { groups, offsets, statistics }: SubscriptionGroupRequestsOptions,
): void {
  handlers.on(UpdateAndCreateSubscriptionGroup, (_header, context) => {
    return setGroups([decodeSubscriptionGroupConfig(bodyOf(context))], groups)
  })
  handlers.on(UpdateAndCreateSubscriptionGroupList, (_header, context) => {
    return setGroups(decodeSubscriptionGroupList(bodyOf(context)).groupConfigList, groups)
  })
  handlers.on(DeleteSubscriptionGroup, async ({ groupName, cleanOffset }) => {
    await groups.delete(groupName)
    if (cleanOffset) offsets.removeGroup(groupName)
    statistics.forgetGroup(groupName)
    return answer({})
  })
  handlers.on(UpdateAndGetGroupForbidden, async ({ group, topic, readable }) => {
    if (readable !== undefined) await setReadable({ group, topic, isForbidden: !readable }, groups)
    return answer({ body: encodeGroupForbidden({ group, topic, readable: !groups.isReadForbidden(group, topic) }) })
  })
  handlers.on(GetSubscriptionGroupConfig, ({ group }) => one(groups.find(group), group))
  handlers.on(GetAllSubscriptionGroupConfig, () => {
    const { dataVersion, forbidden: forbiddenTable, table: subscriptionGroupTable } = groups
    const body = encodeSubscriptionGroupWrapper({ dataVersion, forbiddenTable, subscriptionGroupTable })
    return answer({ header: { totalGroupNum: subscriptionGroupTable.size }, body })
  })
}

async function setReadable(
  rule: { readonly group: string; readonly topic: string; readonly isForbidden: boolean },
  groups: SubscriptionGroupManager,
): Promise<void> {
  const problem = validateGroup(rule.group) ?? validateTopic(rule.topic)
  if (problem !== undefined) throw new ResponseError(ResponseCode.INVALID_PARAMETER, problem)
  if (await groups.forbidReading(rule)) return
  const remark = 'this broker has maxSubscriptionGroupNums rules on reading: allow some again, or raise it'
  throw new ResponseError(ResponseCode.SYSTEM_ERROR, remark)
}

async function setGroups(
  configs: readonly SubscriptionGroupConfig[],
  groups: SubscriptionGroupManager,
): Promise<Answer> {
  for (const { groupName } of configs) {
    const problem = validateGroup(groupName)
    if (problem !== undefined) throw new ResponseError(ResponseCode.INVALID_PARAMETER, problem)
  }
  const added = configs.filter(({ groupName }) => !groups.table.has(groupName)).length
  if (added > 0 && !groups.hasRoomFor(added)) {
    const remark = 'this broker has maxSubscriptionGroupNums groups: delete some, or raise it'
    throw new ResponseError(ResponseCode.SYSTEM_ERROR, remark)
  }
  await groups.putAll(configs)
  return answer({})
}

function one(found: SubscriptionGroupConfig | undefined, group: string): Answer {
  if (found !== undefined) return answer({ body: encodeSubscriptionGroupConfig(found) })
  const remark = `subscription group ${group} does not exist: create it with updateSubGroup`
  return answer({ code: ResponseCode.SUBSCRIPTION_GROUP_NOT_EXIST, remark })
}
