import { buildSubscriptionData, type SubscriptionData } from '@mq/remoting'

/** Which messages of a topic are wanted: tags separated by `||`, `*` for all, or a condition on properties. Java: MessageSelector. */
export type SubscriptionExpression = string | { readonly sql: string }

/** The subscription as brokers know it; `nowMs` is when it was made. Java: FilterAPI. */
export function subscriptionOf(topic: string, expression: SubscriptionExpression, nowMs: number): SubscriptionData {
  if (typeof expression === 'string') return buildSubscriptionData(topic, expression, nowMs)
  return { ...buildSubscriptionData(topic, '*', nowMs), subString: expression.sql, expressionType: 'SQL92' }
}
