import type { MessageQueue } from '@mq/remoting'

/** Which of all queues, in their order, one of the clients, in their order, is to consume. */
export type AllocateQueues = (queues: readonly MessageQueue[], clients: number, index: number) => MessageQueue[]

/** Consecutive queues for each client; the first ones get one more when they cannot be shared out evenly. */
function average(queues: readonly MessageQueue[], clients: number, index: number): MessageQueue[] {
  const share = Math.floor(queues.length / clients)
  const extra = queues.length % clients
  const start = index * share + Math.min(index, extra)
  return queues.slice(start, start + share + (index < extra ? 1 : 0))
}

/** Every so many queues, as cards are dealt. */
function averageByCircle(queues: readonly MessageQueue[], clients: number, index: number): MessageQueue[] {
  return queues.filter((_, at) => at % clients === index)
}

/** The strategies that a broker knows, by the names clients use. Java: AllocateMessageQueueAveragely, ...ByCircle. */
export const allocationStrategies: ReadonlyMap<string, AllocateQueues> = new Map([
  ['AVG', average],
  ['AVG_BY_CIRCLE', averageByCircle],
])

/** Java: MessageQueue#compareTo. */
export function compareQueues(a: MessageQueue, b: MessageQueue): number {
  return compareText(a.topic, b.topic) || compareText(a.brokerName, b.brokerName) || a.queueId - b.queueId
}

/** The order of Java's strings: by UTF-16 units. */
export function compareText(a: string, b: string): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}
