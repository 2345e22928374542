import type { Answer, HandlerTable, Logger, RequestOf } from '@mq/remoting'
import {
  answer,
  encodeConsumerOffsetTable,
  GetAllConsumerOffset,
  QueryConsumerOffset,
  ResponseCode,
  UpdateConsumerOffset,
} from '@mq/remoting'
import type { MessageStore } from '@mq/store'
import type { SubscriptionGroupManager } from '../subscription-groups/subscription-group-manager.js'
import type { TopicConfigManager } from '../topics/topic-config-manager.js'
import type { ConsumerOffsetManager } from './consumer-offset-manager.js'
import type { QueueOfGroup } from './offset-table.js'
import { isStartInMemory } from './start-in-memory.js'

/** Queues a topic can have: what an offset may be stored for. */
export const MAX_QUEUE_NUMS = 65_535
/** Queues of groups whose first answer of 0 was logged; after so many it is logged no more. */
const MAX_LOGGED_STARTS = 10_000

/** What ConsumerOffsetRequests works with. */
export interface ConsumerOffsetRequestsOptions {
  readonly offsets: ConsumerOffsetManager
  readonly store: MessageStore
  readonly topics: TopicConfigManager
  readonly groups: SubscriptionGroupManager
  readonly logger: Logger
}

/** Answers where groups are, and stores where they say they are. Java: ConsumerManageProcessor. */
export class ConsumerOffsetRequests {
  readonly #options: ConsumerOffsetRequestsOptions
  readonly #loggedStarts = new Set<string>()

  constructor(options: ConsumerOffsetRequestsOptions) {
    this.#options = options
  }

  /** Serves the offset commands on a server. */
  register(handlers: HandlerTable): void {
    handlers.on(QueryConsumerOffset, (header) => this.#query(header))
    handlers.on(UpdateConsumerOffset, (header) => this.#update(header))
    handlers.on(GetAllConsumerOffset, () => answer({ body: encodeConsumerOffsetTable(this.#options.offsets.table) }))
  }

  async #query(header: RequestOf<typeof QueryConsumerOffset>): Promise<Answer> {
    const { consumerGroup: group, topic, queueId, setZeroIfNotFound } = header
    const queue = { group, topic, queueId }
    const offset = this.#options.offsets.queryOffset(queue)
    if (offset !== undefined && offset >= 0) return answer({ header: { offset } })
    if (setZeroIfNotFound !== false && (await isStartInMemory(this.#options.store, queue))) {
      this.#logStart(queue)
      return answer({ header: { offset: 0 } })
    }
    const remark = `group ${group} has no offset in queue ${queueId} of ${topic}: it has not consumed there yet`
    return answer({ code: ResponseCode.QUERY_NOT_FOUND, remark })
  }

  /** A group that asked for the newest messages only begins with the oldest; its owner should find out why. */
  #logStart({ group, topic, queueId }: QueueOfGroup): void {
    const key = `${topic}@${group}@${queueId}`
    if (this.#loggedStarts.has(key) || this.#loggedStarts.size >= MAX_LOGGED_STARTS) return
    this.#loggedStarts.add(key)
    const reason = 'message 0 of the queue is still in memory, so CONSUME_FROM_LAST_OFFSET does not apply'
    this.#options.logger.info('a group without an offset begins with the first message', {
      group,
      topic,
      queueId,
      reason,
    })
  }

  #update(header: RequestOf<typeof UpdateConsumerOffset>): Answer {
    const { offsets, groups, topics, logger } = this.#options
    const { consumerGroup: group, topic, queueId, commitOffset } = header
    const queue = { group, topic, queueId }
    if (!groups.table.has(group)) {
      return answer({ code: ResponseCode.SUBSCRIPTION_GROUP_NOT_EXIST, remark: `Group ${group} not exist!` })
    }
    if (topics.select(topic) === undefined) {
      return answer({ code: ResponseCode.TOPIC_NOT_EXIST, remark: `Topic ${topic} not exist!` })
    }
    if (queueId < 0 || queueId > MAX_QUEUE_NUMS) {
      const remark = `queueId ${queueId} is illegal: a topic has at most ${MAX_QUEUE_NUMS} queues`
      return answer({ code: ResponseCode.INVALID_PARAMETER, remark })
    }
    if (offsets.hasOffsetReset(queue)) {
      logger.info('an offset is not stored, for the group was set elsewhere', { ...queue, commitOffset })
      return answer({ remark: 'Offset has been previously reset' })
    }
    if (offsets.commitOffset(queue, commitOffset)) return answer({})
    const remark = 'this broker has maxConsumerOffsetNums offsets: delete groups that are gone, or raise it'
    return answer({ code: ResponseCode.SYSTEM_ERROR, remark })
  }
}
