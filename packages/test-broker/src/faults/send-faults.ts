import { ResponseCode, ResponseError } from '@mq/remoting'
import type { SendMessageContext, SendMessageHook } from '@mq/broker'
import type { PutMessageResult } from '@mq/store'
import { TestBrokerError } from '../errors.js'

/** An outcome of a message that was stored and not replicated or synced in time. */
const storedStatuses = ['FLUSH_DISK_TIMEOUT', 'FLUSH_SLAVE_TIMEOUT', 'SLAVE_NOT_AVAILABLE'] as const
type StoredStatus = (typeof storedStatuses)[number]

/** What sends are answered with: any response code. */
export type SendAnswer = keyof typeof ResponseCode

/** Which sends are to fail, and how. */
export interface SendFaultOptions {
  /**
   * The answer. FLUSH_DISK_TIMEOUT, FLUSH_SLAVE_TIMEOUT and SLAVE_NOT_AVAILABLE store the message, as they do in earnest; all others
   * refuse it.
   */
  readonly answer: SendAnswer
  /** Sends to this topic only. Default: to any. */
  readonly topic?: string
  /** How many sends; attempts of a producer that tries again count each. Default 1. */
  readonly times?: number
}

/** A fault under way. */
export interface SendFault {
  /** Sends it has met so far. */
  readonly count: number
  /** Ends it before it has met all its sends. */
  stop(): void
}

class ActiveFault implements SendFault {
  readonly answer: SendAnswer
  readonly topic: string | undefined
  readonly times: number
  count = 0
  isStopped = false

  constructor({ answer, topic, times = 1 }: SendFaultOptions) {
    this.answer = answer
    this.topic = topic
    this.times = times
  }

  get isOver(): boolean {
    return this.isStopped || this.count >= this.times
  }

  stop(): void {
    this.isStopped = true
  }
}

/** Makes sends fail on demand: refusals through the broker's hook, outcomes of stored messages through the store's answer. */
export class SendFaults implements SendMessageHook {
  readonly name = 'test broker: faults'
  readonly #faults = new Set<ActiveFault>()

  /** Adds a fault; where several fit a send, the one added first meets it. */
  add(options: SendFaultOptions): SendFault {
    const { answer, times = 1 } = options
    if (!Object.hasOwn(ResponseCode, answer) || answer === 'SUCCESS') {
      const message = `${answer} is no answer to fail a send with: take the name of a response code, such as SYSTEM_BUSY`
      throw new TestBrokerError('TEST_BROKER_ARGUMENT', message)
    }
    if (!(times >= 1)) throw new TestBrokerError('TEST_BROKER_ARGUMENT', `times is ${times}: give 1 or more`)
    const fault = new ActiveFault(options)
    this.#faults.add(fault)
    return fault
  }

  /** Ends all. */
  clear(): void {
    for (const fault of this.#faults) fault.stop()
    this.#faults.clear()
  }

  /** Refuses a send before it reaches the store. @throws ResponseError with the answer. */
  sendMessageBefore({ topic }: SendMessageContext): void {
    const fault = this.#take(topic, (answer) => !isStored(answer))
    if (fault === undefined) return
    throw new ResponseError(ResponseCode[fault.answer], `the test broker was told to answer ${fault.answer}`)
  }

  /** What the broker is told of a message that was stored. */
  afterPut(topic: string, result: PutMessageResult): PutMessageResult {
    if (this.#faults.size === 0 || result.status !== 'PUT_OK') return result
    const fault = this.#take(topic, isStored)
    if (fault === undefined) return result
    const { physicalOffset, queueOffset, storeTimestamp, wroteBytes, messageCount, msgId } = result
    const stored = { physicalOffset, queueOffset, storeTimestamp, wroteBytes, messageCount, msgId }
    return { ...stored, status: fault.answer as StoredStatus }
  }

  #take(topic: string, isWanted: (answer: SendAnswer) => boolean): ActiveFault | undefined {
    for (const fault of this.#faults) {
      if (fault.isOver) {
        this.#faults.delete(fault)
        continue
      }
      if (!isWanted(fault.answer) || (fault.topic !== undefined && fault.topic !== topic)) continue
      fault.count += 1
      return fault
    }
    return undefined
  }
}

function isStored(answer: SendAnswer): answer is StoredStatus {
  return storedStatuses.includes(answer as StoredStatus)
}
