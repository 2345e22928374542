import {
  answer,
  ConsumerSendMsgBack,
  decodeQueueLockRequest,
  encodeConsumerConnection,
  encodeConsumerList,
  encodeLockBatchResponse,
  GetConsumerConnectionList,
  GetConsumerListByGroup,
  LockBatchMQ,
  type MessageQueue,
  type RequestOf,
  ResponseCode,
  type SubscriptionData,
  UnlockBatchMQ,
} from '@mq/remoting'
import type { ScriptedBroker } from './scripted-broker.js'

/** A message as it was sent back. */
export type SentBack = RequestOf<typeof ConsumerSendMsgBack>

/** What a broker knows of a consumer group: members, locks, and the messages given back. */
export class ScriptedGroup {
  readonly sentBack: SentBack[] = []
  /** Whom to name as members besides those that sent heartbeats. */
  readonly others: string[] = []
  /** The subscriptions to name, when somebody asks; default: those of the last heartbeat. */
  subscriptions: readonly SubscriptionData[] | undefined
  /** Who holds which queue, by `topic@queueId`. */
  readonly locks = new Map<string, string>()
  /** Every request for locks, in order. */
  readonly lockRequests: (readonly MessageQueue[])[] = []
  readonly unlocked: MessageQueue[] = []
  /** The code that messages sent back are answered with. */
  sendBackCode: number = ResponseCode.SUCCESS
  /** Whether questions for members are refused. */
  isUnknown = false
  readonly #broker: ScriptedBroker

  /** The broker is started already. */
  constructor(broker: ScriptedBroker) {
    this.#broker = broker
    const { handlers } = broker.server
    handlers.on(GetConsumerListByGroup, ({ consumerGroup }) => {
      if (this.isUnknown) return answer({ code: ResponseCode.SYSTEM_ERROR, remark: 'no consumer for this group' })
      return answer({ body: encodeConsumerList({ consumerIdList: this.members(consumerGroup) }) })
    })
    handlers.on(GetConsumerConnectionList, ({ consumerGroup }) => answer({ body: this.#connections(consumerGroup) }))
    handlers.on(ConsumerSendMsgBack, (request) => {
      this.sentBack.push(request)
      return answer({ code: this.sendBackCode })
    })
    handlers.on(LockBatchMQ, (_request, { body }) => {
      const { clientId, mqSet } = decodeQueueLockRequest(body as Buffer)
      this.lockRequests.push(mqSet)
      const lockOKMQSet = mqSet.filter((queue) => (this.locks.get(lockKey(queue)) ?? clientId) === clientId)
      for (const queue of lockOKMQSet) this.locks.set(lockKey(queue), clientId)
      return answer({ body: encodeLockBatchResponse({ lockOKMQSet }) })
    })
    handlers.on(UnlockBatchMQ, (_request, { body }) => {
      const { clientId, mqSet } = decodeQueueLockRequest(body as Buffer)
      for (const queue of mqSet) {
        this.unlocked.push(queue)
        if (this.locks.get(lockKey(queue)) === clientId) this.locks.delete(lockKey(queue))
      }
      return answer({})
    })
  }

  /** Client ids of the members. */
  members(consumerGroup: string): string[] {
    const online = this.#broker.heartbeats
      .filter(({ consumerDataSet }) => consumerDataSet.some(({ groupName }) => groupName === consumerGroup))
      .map(({ clientID }) => clientID)
      .filter((id) => !this.#broker.leftConsumers.has(id))
    return [...new Set(online), ...this.others]
  }

  #connections(consumerGroup: string): Buffer {
    const known = this.#broker.heartbeats
      .flatMap(({ consumerDataSet }) => consumerDataSet)
      .findLast(({ groupName }) => groupName === consumerGroup)
    const subscriptions = this.subscriptions ?? known?.subscriptionDataSet ?? []
    return encodeConsumerConnection({
      connectionSet: this.members(consumerGroup).map((clientId, index) => ({
        clientId,
        clientAddr: `10.0.8.${index + 1}:5000`,
        language: 'JAVA',
        version: 479,
      })),
      subscriptionTable: new Map(subscriptions.map((data) => [data.topic, data])),
      consumeType: 'CONSUME_PASSIVELY',
      messageModel: 'CLUSTERING',
      consumeFromWhere: 'CONSUME_FROM_LAST_OFFSET',
    })
  }
}

/** The key of a queue in {@link ScriptedGroup.locks}. */
function lockKey({ topic, queueId }: MessageQueue): string {
  return `${topic}@${queueId}`
}
