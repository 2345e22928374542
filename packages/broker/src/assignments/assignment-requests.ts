import type { Answer, HandlerTable, Logger, MessageQueue, QueryAssignmentRequestBody } from '@mq/remoting'
import {
  answer,
  decodeMessageRequestMode,
  decodeQueryAssignmentRequest,
  encodeQueryAssignmentResponse,
  isRetryTopic,
  QueryAssignment,
  ResponseCode,
  ResponseError,
  SetMessageRequestMode,
} from '@mq/remoting'
import type { ConsumerManager } from '../clients/consumer-manager.js'
import { bodyOf } from '../request-body.js'
import { groupMissing } from '../retries/retry-topic.js'
import type { SubscriptionGroupManager } from '../subscription-groups/subscription-group-manager.js'
import type { TopicConfigManager } from '../topics/topic-config-manager.js'
import { allocationStrategies, compareQueues, compareText } from './allocate-queues.js'
import type { MessageRequestModeManager } from './message-request-mode-manager.js'
import type { TopicSubscribeInfo } from './topic-subscribe-info.js'

/** What AssignmentRequests works with. */
export interface AssignmentRequestsOptions {
  readonly consumers: ConsumerManager
  readonly topics: TopicConfigManager
  readonly groups: SubscriptionGroupManager
  readonly requestModes: MessageRequestModeManager
  readonly subscribeInfo: TopicSubscribeInfo
  readonly logger: Logger
}

/** Shares queues out among the clients of a group that leave it to the broker; all of them pull. Java: QueryAssignmentProcessor. */
export class AssignmentRequests {
  readonly #options: AssignmentRequestsOptions

  constructor(options: AssignmentRequestsOptions) {
    this.#options = options
  }

  /** Serves the assignment commands on a server. */
  register(handlers: HandlerTable): void {
    handlers.on(QueryAssignment, async (_header, context) => {
      const queues = await this.#allocate(decodeQueryAssignmentRequest(bodyOf(context)))
      const messageQueueAssignments = queues?.map((messageQueue) => ({ messageQueue, mode: 'PULL' as const }))
      return answer({ body: encodeQueryAssignmentResponse({ messageQueueAssignments }) })
    })
    handlers.on(SetMessageRequestMode, (_header, context) => this.#setMode(bodyOf(context)))
  }

  /** The client's queues; undefined, which leaves it those it has, when they cannot be known. */
  async #allocate(request: QueryAssignmentRequestBody): Promise<readonly MessageQueue[] | undefined> {
    const { consumers, subscribeInfo, logger } = this.#options
    const { topic, consumerGroup, clientId, strategyName, messageModel } = request
    const queues = await subscribeInfo.queues(topic)
    if (queues === undefined || messageModel === 'BROADCASTING') return queues
    const allocate = allocationStrategies.get(strategyName)
    if (allocate === undefined) {
      const remedy = `use one of ${[...allocationStrategies.keys()].join(', ')}, or let the clients share out`
      logger.warn('queues are not shared out: the strategy is not known here', { consumerGroup, strategyName, remedy })
      return undefined
    }
    const clients = consumers.members(consumerGroup).map((member) => member.clientId)
    if (clients.length === 0) return undefined
    const index = clients.sort(compareText).indexOf(clientId)
    return index < 0 ? [] : allocate([...queues].sort(compareQueues), clients.length, index)
  }

  async #setMode(body: Buffer): Promise<Answer> {
    const { topics, groups, requestModes } = this.#options
    const setting = decodeMessageRequestMode(body)
    const { topic, consumerGroup, mode } = setting
    if (isRetryTopic(topic)) {
      throw new ResponseError(ResponseCode.NO_PERMISSION, 'retry topic is not allowed to set mode: it is always pulled')
    }
    if (topics.select(topic) === undefined) {
      throw new ResponseError(ResponseCode.TOPIC_NOT_EXIST, `topic[${topic}] not exist: create it with updateTopic`)
    }
    if (groups.find(consumerGroup) === undefined) return answer(groupMissing(consumerGroup))
    if (mode === 'POP') {
      const remark = 'this broker does not serve POP: set the mode to PULL, or use a broker that pops'
      throw new ResponseError(ResponseCode.SYSTEM_ERROR, remark)
    }
    await requestModes.set(setting)
    return answer({})
  }
}
