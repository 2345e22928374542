import type { Answer, HandlerTable, RequestOf } from '@mq/remoting'
import {
  answer,
  CloneGroupOffset,
  encodeCorrectionOffsets,
  QueryCorrectionOffset,
  ResponseCode,
  ResponseError,
} from '@mq/remoting'
import type { MessageStore } from '@mq/store'
import type { ConsumerManager } from '../clients/consumer-manager.js'
import type { TopicConfigManager } from '../topics/topic-config-manager.js'
import type { ConsumerOffsetManager } from './consumer-offset-manager.js'

/** What the comparisons of groups work with. */
export interface OffsetComparisonsOptions {
  readonly offsets: ConsumerOffsetManager
  readonly store: MessageStore
  readonly topics: TopicConfigManager
  readonly consumers: ConsumerManager
}

/** Serves what takes the offsets of more than one group. Java: AdminBrokerProcessor#cloneGroupOffset, #queryCorrectionOffset. */
export function registerOffsetComparisons(handlers: HandlerTable, options: OffsetComparisonsOptions): void {
  handlers.on(CloneGroupOffset, (header) => cloneOffsets(header, options))
  handlers.on(QueryCorrectionOffset, (header) => {
    return answer({ body: encodeCorrectionOffsets(correctionOffsets(header, options)) })
  })
}

/** Topics that are gone, and those the online group does not subscribe to, are left out. Java clones nothing unless a topic is named. */
function cloneOffsets(header: RequestOf<typeof CloneGroupOffset>, options: OffsetComparisonsOptions): Answer {
  const { offsets, topics, consumers } = options
  const { srcGroup, destGroup, topic: named = '', offline } = header
  const subscriptions = consumers.group(srcGroup)?.subscriptions ?? new Map<string, unknown>()
  for (const topic of named.trim() === '' ? offsets.topicsOf(srcGroup) : [named]) {
    if (topics.select(topic) === undefined) continue
    if (!offline && subscriptions.size > 0 && !subscriptions.has(topic)) continue
    if (offsets.cloneOffset(srcGroup, destGroup, topic)) continue
    const remark = 'this broker has maxConsumerOffsetNums offsets: delete groups that are gone, or raise it'
    throw new ResponseError(ResponseCode.SYSTEM_ERROR, remark)
  }
  return answer({})
}

/**
 * The lowest offset of all groups in each queue. The groups of `filterGroups` do not count; Java deletes their offsets besides,
 * which is not done here.
 */
function correctionOffsets(
  header: RequestOf<typeof QueryCorrectionOffset>,
  { offsets, store }: OffsetComparisonsOptions,
): ReadonlyMap<number, number> {
  const { topic, compareGroup, filterGroups = '' } = header
  const ignored = new Set(filterGroups.split(','))
  const lowest = new Map<number, number>()
  for (const group of offsets.groupsOf(topic)) {
    if (ignored.has(group)) continue
    for (const [queueId, offset] of offsets.queuesOf(group, topic) ?? []) {
      if (offset < store.getMinOffsetInQueue(topic, queueId)) continue
      lowest.set(queueId, Math.min(offset, lowest.get(queueId) ?? offset))
    }
  }
  for (const [queueId, offset] of offsets.queuesOf(compareGroup, topic) ?? []) {
    if ((lowest.get(queueId) ?? 0) > offset) lowest.set(queueId, Number.MAX_SAFE_INTEGER)
  }
  return lowest
}
