import type { Answer, HandlerTable, Logger, RequestContext, SubscriptionGroupConfig } from '@mq/remoting'
import { answer, deferred, isReadable, LitePullMessage, PullMessage, PullSystemFlag, ResponseCode } from '@mq/remoting'
import type { GetMessageResult, MessageFilter, MessageStore } from '@mq/store'
import type { ConsumerManager } from '../clients/consumer-manager.js'
import type { BrokerConfig } from '../configuration/broker-config.js'
import type { BroadcastOffsetManager, BroadcastReader } from '../offsets/broadcast-offset-manager.js'
import type { ConsumerOffsetManager } from '../offsets/consumer-offset-manager.js'
import type { BrokerStatistics } from '../statistics/broker-statistics.js'
import type { SubscriptionGroupManager } from '../subscription-groups/subscription-group-manager.js'
import type { TopicConfigManager } from '../topics/topic-config-manager.js'
import { broadcastReader } from './broadcast-reader.js'
import { pullAnswer } from './pull-answer.js'
import { Forbidden, forbidden, type PullRefusal, refusalAnswer } from './pull-refusal.js'
import { PullReads } from './pull-reads.js'
import { PullTargets } from './pull-targets.js'
import type { PullRequestHoldService } from './pull-request-hold-service.js'
import { type PullHeader, PullSubscriptions, tagFilter } from './pull-subscription.js'

/** What a PullMessageProcessor works with. */
export interface PullMessageProcessorOptions {
  readonly config: BrokerConfig
  readonly topics: TopicConfigManager
  readonly groups: SubscriptionGroupManager
  readonly consumers: ConsumerManager
  readonly offsets: ConsumerOffsetManager
  readonly broadcasts: BroadcastOffsetManager
  readonly held: PullRequestHoldService
  readonly store: MessageStore
  readonly statistics: BrokerStatistics
  readonly logger: Logger
}

/** One pull on its way through the processor. */
interface Pull {
  readonly header: PullHeader
  readonly context: RequestContext
  readonly kind: 'pull' | 'lite'
  /** False once it has waited: then it is answered whatever it finds. Java: brokerAllowSuspend. */
  readonly isFirstArrival: boolean
}

/** How a pull that passed the checks reads. */
interface PullRead {
  readonly group: SubscriptionGroupConfig
  readonly filter: MessageFilter | undefined
  /** Its records are gathered there if they fit; taken when it is its turn to read. */
  target: Buffer | undefined
}

/** Answers pulls with what is there, or holds them until something is. Java: PullMessageProcessor. */
export class PullMessageProcessor {
  readonly #options: PullMessageProcessorOptions
  readonly #subscriptions: PullSubscriptions
  readonly #reads: PullReads
  readonly #targets = new PullTargets()

  constructor(options: PullMessageProcessorOptions) {
    this.#options = options
    this.#subscriptions = new PullSubscriptions(options)
    this.#reads = new PullReads(options.config.maxPullReadsPerConnection)
  }

  /** Serves the pull commands on a server. */
  register(handlers: HandlerTable): void {
    const { config } = this.#options
    const remark = 'this broker is a slave: pull from the master, or set slaveReadEnable=true'
    const isRefused = (): boolean => config.brokerRole === 'SLAVE' && !config.slaveReadEnable
    const limits = {
      maxPending: config.pullThreadPoolQueueCapacity,
      reject: () => (isRefused() ? remark : undefined),
    }
    for (const [command, kind] of [[PullMessage, 'pull'] as const, [LitePullMessage, 'lite'] as const]) {
      handlers.on(command, (header, context) => this.#pull({ header, context, kind, isFirstArrival: true }), limits)
    }
  }

  /** The checks in Java's order. Java: PullMessageProcessor#processRequest. */
  async #pull(pull: Pull): Promise<Answer | typeof deferred> {
    const { header, kind } = pull
    const refusal = this.#refuseBroker(kind)
    if (refusal !== undefined) return refusalAnswer(refusal)
    const group = this.#checkedGroup(header)
    if ('code' in group) return refusalAnswer(group)
    const rejected = this.#refuseQueue(header)
    if (rejected !== undefined) return refusalAnswer(rejected)
    const subscription = this.#subscriptions.find(header)
    if ('code' in subscription) return refusalAnswer(subscription)
    const how: PullRead = { group, filter: tagFilter(subscription), target: undefined }
    try {
      const answered = await this.#read(pull, how)
      if (answered !== undefined) pull.context.reply(answered)
      return deferred
    } finally {
      if (how.target !== undefined) this.#targets.giveBack(how.target)
    }
  }

  #refuseBroker(kind: Pull['kind']): PullRefusal | undefined {
    const { config } = this.#options
    if (!isReadable(config.brokerPermission)) {
      return forbidden(Forbidden.BROKER, 'this broker must not be read: set brokerPermission to 6')
    }
    if (kind === 'pull' || config.litePullMessageEnable) return undefined
    return forbidden(Forbidden.BROKER, 'lite pulls are switched off here: set litePullMessageEnable=true')
  }

  #checkedGroup({ consumerGroup }: PullHeader): SubscriptionGroupConfig | PullRefusal {
    const group = this.#options.groups.find(consumerGroup)
    if (group === undefined) {
      const remark = `subscription group [${consumerGroup}] does not exist: create it with updateSubGroup`
      return { code: ResponseCode.SUBSCRIPTION_GROUP_NOT_EXIST, remark }
    }
    if (group.consumeEnable) return group
    return forbidden(Forbidden.GROUP, `group ${consumerGroup} must not consume: set its consumeEnable`)
  }

  #refuseQueue({ topic, queueId }: PullHeader): PullRefusal | undefined {
    const settings = this.#options.topics.select(topic)
    if (settings === undefined) {
      const remark = `topic[${topic}] not exist on this broker: create it with updateTopic`
      return { code: ResponseCode.TOPIC_NOT_EXIST, remark }
    }
    if (!isReadable(settings.perm)) {
      return forbidden(Forbidden.TOPIC, `topic ${topic} must not be read: change its permission`)
    }
    if (queueId >= 0 && queueId < settings.readQueueNums) return undefined
    const remark = `queueId[${queueId}] is illegal, topic ${topic} has ${settings.readQueueNums} queues to read: refresh the route`
    return { code: ResponseCode.INVALID_PARAMETER, remark }
  }

  /** The answer, or undefined when the pull is held. */
  async #read(pull: Pull, how: PullRead): Promise<Answer | undefined> {
    const { config, statistics, topics, store, consumers } = this.#options
    const { header, context } = pull
    const { group, filter } = how
    const { topic, queueId } = header
    const reader = config.enableBroadcastOffsetStore
      ? broadcastReader(header, context.connection, consumers)
      : undefined
    this.#commitOffset(pull)
    for (;;) {
      const found = await this.#find(pull, how, reader)
      if (found === undefined) return answer({ code: ResponseCode.SYSTEM_ERROR, remark: 'the connection is gone' })
      const topicSysFlag = topics.select(topic)?.topicSysFlag ?? 0
      const answered = pullAnswer({ config, header, found, topicSysFlag, group })
      const mayWait = answered.code === ResponseCode.PULL_NOT_FOUND && found.nextBeginOffset === header.queueOffset
      // A message that arrived while this was read wakes nobody.
      if (mayWait && isWaiting(pull) && store.getMaxOffsetInQueue(topic, queueId) > found.maxOffset) continue
      this.#options.offsets.commitPullOffset({ group: header.consumerGroup, topic, queueId }, found.nextBeginOffset)
      const isMoved = answered.code === ResponseCode.PULL_OFFSET_MOVED
      if (reader !== undefined) {
        this.#options.broadcasts.update(reader, isMoved ? found.nextBeginOffset : header.queueOffset)
      }
      if (mayWait && this.#hold(pull, filter)) return undefined
      statistics.countGet(topic, header.consumerGroup, { messages: found.count, bytes: found.bytes.length })
      return answered
    }
  }

  /** What a pull comes to; undefined when there is nobody left to tell. */
  async #find(pull: Pull, how: PullRead, reader: BroadcastReader | undefined): Promise<GetMessageResult | undefined> {
    const { offsets, broadcasts } = this.#options
    const { header, context } = pull
    const { consumerGroup: group, topic, queueId, queueOffset } = header
    if (!context.connection.isOpen) return undefined
    const reset = offsets.takeResetOffset({ group, topic, queueId })
    if (reset !== undefined) return this.#moved(header, reset)
    const begin = reader && (await broadcasts.initOffset(reader, queueOffset))
    return begin === undefined ? this.#getMessage(pull, how) : this.#moved(header, begin)
  }

  #moved({ topic, queueId }: PullHeader, nextBeginOffset: number): GetMessageResult {
    const { store } = this.#options
    const minOffset = store.getMinOffsetInQueue(topic, queueId)
    const maxOffset = store.getMaxOffsetInQueue(topic, queueId)
    const bytes = noBytes
    const status = 'OFFSET_RESET'
    return { status, nextBeginOffset, minOffset, maxOffset, bytes, count: 0, suggestPullingFromSlave: false }
  }

  /** What the store has, when it is this pull's turn. */
  async #getMessage({ header, context }: Pull, how: PullRead): Promise<GetMessageResult | undefined> {
    const { consumerGroup: group, topic, queueId, queueOffset: offset, maxMsgNums } = header
    const { connection } = context
    const turn = this.#reads.enter(connection)
    try {
      if (turn !== undefined) await turn
      if (!connection.isOpen) return undefined
      const { filter } = how
      how.target ??= this.#targets.take()
      return await this.#options.store.getMessage({
        group,
        topic,
        queueId,
        offset,
        maxMsgNums,
        target: how.target,
        ...(filter && { filter }),
      })
    } finally {
      this.#reads.leave(connection)
    }
  }

  /**
   * Before the read, which may take its time: an update that was sent after the pull is newer, and must not be overwritten.
   * Java: PullMessageProcessor#tryCommitOffset; unlike there an offset just set elsewhere is not overwritten with the older one.
   */
  #commitOffset({ header, isFirstArrival }: Pull): void {
    const { offsets } = this.#options
    const { consumerGroup: group, topic, queueId, sysFlag, commitOffset } = header
    const queue = { group, topic, queueId }
    const isWanted = isFirstArrival && (sysFlag & PullSystemFlag.COMMIT_OFFSET) !== 0
    if (isWanted && !offsets.hasOffsetReset(queue)) offsets.commitOffset(queue, commitOffset)
  }

  /** Holds a pull that found nothing; false when it is to be answered now. */
  #hold(pull: Pull, filter: MessageFilter | undefined): boolean {
    const { config, held } = this.#options
    const { header, context } = pull
    if (!isWaiting(pull)) return false
    return held.hold({
      connection: context.connection,
      topic: header.topic,
      queueId: header.queueId,
      offset: header.queueOffset,
      timeoutMs: config.longPollingEnable ? header.suspendTimeoutMillis : config.shortPollingTimeMills,
      filter,
      execute: () => void this.#executeWhenWakeup({ ...pull, isFirstArrival: false }),
    })
  }

  async #executeWhenWakeup(pull: Pull): Promise<void> {
    const { context } = pull
    try {
      const answered = await this.#pull(pull)
      if (answered !== deferred) context.reply(answered)
    } catch (error) {
      this.#options.logger.error('a pull that waited could not be answered', { error })
      const remark = error instanceof Error ? error.message : String(error)
      context.reply(answer({ code: ResponseCode.SYSTEM_ERROR, remark }))
    }
  }
}

const noBytes: Buffer = Buffer.alloc(0)

function isWaiting({ header, isFirstArrival }: Pull): boolean {
  return isFirstArrival && (header.sysFlag & PullSystemFlag.SUSPEND) !== 0
}
