import { javaStringHash, type MessageQueue, type Random } from '@mq/remoting'
import type { Message } from './message.js'

/** Chooses the queue of a message among the topic's queues; must return one of them. Java: MessageQueueSelector. */
export type MessageQueueSelector<Arg = unknown> = (
  queues: readonly MessageQueue[],
  message: Message,
  arg: Arg,
) => MessageQueue | undefined

/** Arguments whose hash in Java is known. */
export type HashArgument = string | number | bigint | boolean

/** What `hashCode()` of the argument gives in Java: String, Integer, Long beyond 32 bits, Double with a fraction, Boolean. */
function javaHashCode(arg: HashArgument): number {
  if (typeof arg === 'string') return javaStringHash(arg)
  if (typeof arg === 'boolean') return arg ? 1231 : 1237
  if (typeof arg === 'bigint') return hashOfLong(arg)
  if (Number.isInteger(arg)) return arg === (arg | 0) ? arg : hashOfLong(BigInt(arg))
  const bits = Buffer.alloc(8)
  bits.writeDoubleBE(arg)
  return bits.readInt32BE(0) ^ bits.readInt32BE(4)
}

function hashOfLong(value: bigint): number {
  return Number(BigInt.asIntN(32, value ^ (BigInt.asUintN(64, value) >> 32n)))
}

/** The queue at `|hash % count|`: equal arguments always meet in one queue. Java: SelectMessageQueueByHash. */
export const selectMessageQueueByHash: MessageQueueSelector<HashArgument> = (queues, _message, arg) =>
  // The remainder is smaller than the count, so that even Integer.MIN_VALUE has an absolute value here.
  queues[Math.abs(javaHashCode(arg) % queues.length)]

/** A selector that takes any queue, each as likely as the next. Java: SelectMessageQueueByRandom. */
export function selectMessageQueueByRandom(random: Random): MessageQueueSelector {
  return (queues) => queues[random.int(Math.max(1, queues.length))]
}
