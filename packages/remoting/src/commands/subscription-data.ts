import { javaStringHash } from '../message/tags-code.js'
import type { SubscriptionData } from './heartbeat-data.js'

const everything = '*'

/**
 * A subscription to tags separated by `||`, or to every message when there is none or `*`. `subVersion` is the wall clock when
 * it was made, ms. Java: FilterAPI#buildSubscriptionData.
 */
export function buildSubscriptionData(topic: string, expression: string, subVersion = 0): SubscriptionData {
  const tags = expression.split('||').map((tag) => tag.trim())
  const tagsSet = [...new Set(tags.filter((tag) => tag !== ''))]
  const isEverything = tagsSet.length === 0 || expression.trim() === everything
  return {
    topic,
    subString: isEverything ? everything : expression,
    expressionType: 'TAG',
    tagsSet: isEverything ? [] : tagsSet,
    codeSet: isEverything ? [] : [...new Set(tagsSet.map(javaStringHash))],
    subVersion,
    classFilterMode: false,
  }
}
