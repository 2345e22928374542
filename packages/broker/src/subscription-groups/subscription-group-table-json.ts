import type { SubscriptionGroupWrapper } from '@mq/remoting'
import { decodeSubscriptionGroupWrapper, stringifyJavaJson, subscriptionGroupWrapperRecord } from '@mq/remoting'

/** The text of subscriptionGroup.json as Java writes it. Java: SubscriptionGroupManager#encode(true). */
export function stringifySubscriptionGroupTable(table: SubscriptionGroupWrapper): string {
  return stringifyJavaJson(subscriptionGroupWrapperRecord(table), { pretty: true })
}

/** Reads subscriptionGroup.json. Throws RemotingCommandError when the text is no JSON object. */
export function parseSubscriptionGroupTable(source: string): SubscriptionGroupWrapper {
  return decodeSubscriptionGroupWrapper(Buffer.from(source, 'utf8'))
}
