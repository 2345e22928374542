import type { Answer, HandlerTable, SubscriptionGroupConfig } from '@mq/remoting'
import {
  answer,
  decodeSubscriptionGroupConfig,
  encodeSubscriptionGroupConfig,
  encodeSubscriptionGroupWrapper,
} from '@mq/remoting'
import { DeleteSubscriptionGroup, GetAllSubscriptionGroupConfig, GetSubscriptionGroupConfig } from '@mq/remoting'
import { ResponseCode, ResponseError, UpdateAndCreateSubscriptionGroup, validateGroup } from '@mq/remoting'
import type { SubscriptionGroupManager } from './subscription-group-manager.js'

/** Serves the administration of subscription groups. Java: AdminBrokerProcessor#updateAndCreateSubscriptionGroup and others. */
export function registerSubscriptionGroupRequests(handlers: HandlerTable, groups: SubscriptionGroupManager): void {
  handlers.on(UpdateAndCreateSubscriptionGroup, async (_header, context) => {
    const group = decodeSubscriptionGroupConfig(context.body ?? Buffer.alloc(0))
    checkName(group.groupName)
    await groups.put(group)
    return answer({})
  })
  handlers.on(DeleteSubscriptionGroup, async ({ groupName }) => {
    await groups.delete(groupName)
    return answer({})
  })
  handlers.on(GetSubscriptionGroupConfig, ({ group }) => one(groups.find(group), group))
  handlers.on(GetAllSubscriptionGroupConfig, () => {
    const { dataVersion, forbidden, table } = groups
    const body = encodeSubscriptionGroupWrapper({
      dataVersion,
      forbiddenTable: forbidden,
      subscriptionGroupTable: table,
    })
    return answer({ header: { totalGroupNum: table.size }, body })
  })
}

function checkName(group: string): void {
  const problem = validateGroup(group)
  if (problem !== undefined) throw new ResponseError(ResponseCode.INVALID_PARAMETER, problem)
}

function one(found: SubscriptionGroupConfig | undefined, group: string): Answer {
  if (found !== undefined) return answer({ body: encodeSubscriptionGroupConfig(found) })
  const remark = `subscription group ${group} does not exist: create it with updateSubGroup`
  return answer({ code: ResponseCode.SUBSCRIPTION_GROUP_NOT_EXIST, remark })
}
