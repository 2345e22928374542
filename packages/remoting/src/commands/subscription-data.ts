import { javaStringHash } from '../message/tags-code.js'
import type { SubscriptionData } from './heartbeat-data.js'

/** What a subscription is besides topic and expression. */
export interface SubscriptionOptions {
  /** TAG (if left out) or SQL92. */
  readonly expressionType?: string
  /** Wall clock when the subscription was made, ms; 0 if left out. */
  readonly subVersion?: number
}

const everything = '*'

/**
 * A subscription from its expression: tags separated by `||`, `*` or nothing for every message, or for another expression type
 * its text as it is. Java: FilterAPI#build.
 */
export function buildSubscriptionData(
  topic: string,
  expression: string,
  options: SubscriptionOptions = {},
): SubscriptionData {
  const { expressionType = 'TAG', subVersion = 0 } = options
  const data = { topic, expressionType, subVersion, classFilterMode: false, tagsSet: [], codeSet: [] }
  if (expressionType !== 'TAG') return { ...data, subString: expression }
  if (expression === '' || expression === everything) return { ...data, subString: everything }
  const tags = expression.split('||').map((tag) => tag.trim())
  const tagsSet = [...new Set(tags.filter((tag) => tag !== ''))]
  return { ...data, subString: expression, tagsSet, codeSet: [...new Set(tagsSet.map(javaStringHash))] }
}
