import type { Connection, ConsumerData, Logger, SubscriptionData } from '@mq/remoting'
import type { ClientChannel } from './client-channel.js'
import { ClientGroups } from './client-channel.js'
import { MemberWarnings } from './member-warnings.js'

/** How a group consumes, as its members' heartbeats say. Java: ConsumerGroupInfo. */
export interface ConsumerGroup {
  readonly groupName: string
  consumeType: ConsumerData['consumeType']
  messageModel: ConsumerData['messageModel']
  consumeFromWhere: ConsumerData['consumeFromWhere']
  /** What the group subscribes to, by topic. */
  readonly subscriptions: Map<string, SubscriptionData>
}

/** The consumers connected to this broker, by group. Java: ConsumerManager. */
export class ConsumerManager {
  readonly #groups = new Map<string, ConsumerGroup>()
  readonly #clients = new ClientGroups()
  readonly #warnings: MemberWarnings

  constructor({ logger }: { readonly logger: Logger }) {
    this.#warnings = new MemberWarnings(logger)
  }

  /** Clients in all groups. */
  get size(): number {
    return this.#clients.size
  }

  /** Whether the connection is a member of the group. */
  has(groupName: string, connection: Connection): boolean {
    return this.#clients.has(groupName, connection)
  }

  /** Takes over what a heartbeat says of one group; true when members or subscriptions changed. */
  register(data: ConsumerData, channel: ClientChannel): boolean {
    const { groupName, consumeType, messageModel, consumeFromWhere } = data
    const existing = this.#groups.get(groupName)
    const group: ConsumerGroup = existing ?? {
      groupName,
      consumeType,
      messageModel,
      consumeFromWhere,
      subscriptions: new Map(),
    }
    Object.assign(group, { consumeType, messageModel, consumeFromWhere })
    this.#groups.set(groupName, group)
    const joined = this.#clients.register(groupName, channel)
    this.#warnings.heartbeat(groupName, channel, data.subscriptionDataSet)
    return replaceSubscriptions(group, data.subscriptionDataSet) || joined
  }

  /** Refreshes a member whose heartbeat left its subscriptions out; true when it is new. */
  touch(groupName: string, channel: ClientChannel): boolean {
    this.#warnings.heartbeat(groupName, channel, undefined)
    return this.#clients.register(groupName, channel)
  }

  /** Removes a member; true when it was there. */
  unregister(groupName: string, clientId: string, connection: Connection): boolean {
    const removed = this.#clients.unregister(groupName, clientId, connection)
    if (removed) this.#warnings.left(groupName, connection)
    this.#forgetWhenEmpty(groupName)
    return removed
  }

  /** Removes a connection from all groups and answers those it was in. */
  removeConnection(connection: Connection): string[] {
    const left = this.#clients.removeConnection(connection)
    for (const groupName of left) {
      this.#warnings.left(groupName, connection)
      this.#forgetWhenEmpty(groupName)
    }
    return left
  }

  #forgetWhenEmpty(groupName: string): void {
    if (this.#clients.members(groupName) === undefined) this.#groups.delete(groupName)
  }

  /** The group, undefined when nobody of it is connected. */
  group(groupName: string): ConsumerGroup | undefined {
    return this.#groups.get(groupName)
  }

  /** The members of a group. */
  members(groupName: string): readonly ClientChannel[] {
    return this.#clients.members(groupName) ?? []
  }

  /** The member of a group that a connection belongs to. */
  member(groupName: string, connection: Connection): ClientChannel | undefined {
    return this.#clients.find(groupName, connection)
  }

  /** Groups that subscribe to a topic. */
  groupsOf(topic: string): string[] {
    return [...this.#groups.values()].filter((group) => group.subscriptions.has(topic)).map((group) => group.groupName)
  }

  /** Members whose last heartbeat is older than the given moment. */
  expired(before: number): readonly ClientChannel[] {
    return this.#clients.expired(before)
  }
}

/** A topic that one member no longer names is gone for the whole group. Java: ConsumerGroupInfo#updateSubscription. */
function replaceSubscriptions(group: ConsumerGroup, subscriptions: readonly SubscriptionData[]): boolean {
  let changed = false
  for (const subscription of subscriptions) {
    const existing = group.subscriptions.get(subscription.topic)
    if (existing === undefined || existing.subVersion < subscription.subVersion) {
      group.subscriptions.set(subscription.topic, subscription)
      changed ||= existing === undefined
    }
  }
  const topics = new Set(subscriptions.map((subscription) => subscription.topic))
  for (const topic of group.subscriptions.keys()) {
    if (topics.has(topic)) continue
    group.subscriptions.delete(topic)
    changed = true
  }
  return changed
}
