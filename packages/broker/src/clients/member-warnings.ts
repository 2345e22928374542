import type { Connection, Logger, SubscriptionData } from '@mq/remoting'
import { retryTopic } from '@mq/remoting'
import type { ClientChannel } from './client-channel.js'

/** Pairs of clients that are remembered as warned of; beyond it nothing more is logged. */
const MAX_WARNINGS = 10_000

interface Member {
  readonly clientId: string
  readonly connection: Connection
  /** Topics and expressions, in order; undefined before the first heartbeat that names them. */
  subscription: string | undefined
}

/**
 * Finds two mistakes that groups suffer from and that no answer tells of: members that subscribe differently, of which each takes
 * messages from the other, and two clients with one client id, which get the same queues. Each pair is logged once.
 */
export class MemberWarnings {
  readonly #logger: Logger
  readonly #groups = new Map<string, Map<Connection, Member>>()
  readonly #warned = new Set<string>()

  constructor(logger: Logger) {
    this.#logger = logger
  }

  /** A member sent a heartbeat; `subscriptions` is undefined when it left them out. */
  heartbeat(group: string, channel: ClientChannel, subscriptions: readonly SubscriptionData[] | undefined): void {
    const { connection, clientId } = channel
    const members = this.#groups.get(group) ?? new Map<Connection, Member>()
    this.#groups.set(group, members)
    const known = members.get(connection)
    const subscription = subscriptions === undefined ? known?.subscription : textOf(group, subscriptions)
    const member: Member = { clientId, connection, subscription }
    members.set(connection, member)
    // A client that lost its connection comes with a new one; only the old one speaking again tells that there are two.
    if (known !== undefined) this.#warnOfTwin(group, member, members)
    if (subscription !== known?.subscription) this.#warnOfDifference(group, member, members)
  }

  #warnOfTwin(group: string, { clientId, connection }: Member, members: ReadonlyMap<Connection, Member>): void {
    for (const other of members.values()) {
      if (other.connection === connection || other.clientId !== clientId) continue
      const addresses = [connection.remoteAddress, other.connection.remoteAddress].sort()
      if (!this.#isNew(`${clientId} ${addresses.join(' ')}`)) continue
      const remedy = 'give each its own instanceName; in containers set clientIP or the host name'
      const message = `two clients call themselves ${clientId}: each consumes what the other does, and skips the rest`
      this.#logger.warn(message, { clientId, group, addresses, remedy })
    }
  }

  /** The first member that differs stands for the others. */
  #warnOfDifference(group: string, member: Member, members: ReadonlyMap<Connection, Member>): void {
    for (const other of members.values()) {
      if (member.subscription === undefined || other.subscription === undefined) continue
      if (other.subscription === member.subscription) continue
      const [one, two] = [member, other].sort((a, b) => (a.clientId < b.clientId ? -1 : 1)) as [Member, Member]
      if (!this.#isNew(`${group} ${one.clientId} ${two.clientId}`)) return
      const message =
        `members of group ${group} subscribe differently: ${one.clientId} to ${one.subscription}, ` +
        `${two.clientId} to ${two.subscription}`
      this.#logger.warn(message, { group, remedy: 'let all members subscribe alike, or use two groups' })
      return
    }
  }

  #isNew(pair: string): boolean {
    if (this.#warned.has(pair) || this.#warned.size >= MAX_WARNINGS) return false
    this.#warned.add(pair)
    return true
  }

  /** A member left. */
  left(group: string, connection: Connection): void {
    const members = this.#groups.get(group)
    members?.delete(connection)
    if (members?.size === 0) this.#groups.delete(group)
  }
}

/** Retry topics come by themselves, with some clients later than with others. */
function textOf(group: string, subscriptions: readonly SubscriptionData[]): string {
  const rows = subscriptions
    .filter(({ topic }) => topic !== retryTopic(group))
    .map(({ topic, subString, expressionType }) => {
      return `${topic} [${expressionType === 'TAG' ? '' : `${expressionType} `}${subString}]`
    })
  return rows.length === 0 ? 'nothing' : rows.sort().join(', ')
}
