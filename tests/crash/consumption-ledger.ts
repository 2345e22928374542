import { setImmediate as nextTurn } from 'node:timers/promises'
import type { ConsumeContext } from '@mq/client'
import type { MessageExt } from '@mq/remoting'
import { topic } from './load.js'
import type { MessageLedger } from './message-ledger.js'

/** Of these messages the first delivery fails. */
const isFailing = (number: number): boolean => number % 13 === 3
/** These are sent with a delay. */
export const isDelayed = (number: number): boolean => number % 17 === 5

/** The handlers of these take many turns, so that the death of the broker finds some at work. */
const isSlow = (number: number): boolean => number % 11 === 7

/** How a group that consumed differs from what it was promised; every list is empty when every promise was kept. */
export interface ConsumptionDiscrepancies {
  /** Received with other bytes than were sent. */
  readonly altered: string[]
  /** Lie before the offset of the group, and were neither handled nor given back. */
  readonly passedOver: string[]
  /** Delivered for the first time though they lie before the offset that the group had when the broker started. */
  readonly again: string[]
}

/** Nothing was promised that was not kept. */
export const nothingMissed: ConsumptionDiscrepancies = { altered: [], passedOver: [], again: [] }

/** What the members of a group have seen of the messages of a {@link MessageLedger}, over any number of deaths of the broker. */
export class ConsumptionLedger {
  readonly #sent: MessageLedger
  readonly #handled = new Set<number>()
  /** Numbers of messages whose failed delivery was the last thing seen of them. */
  readonly #awaited = new Set<number>()
  /** Places in queues, as `queueId/offset`, whose message was handled or given back. */
  readonly #done = new Set<string>()
  readonly #discrepancies: ConsumptionDiscrepancies = { altered: [], passedOver: [], again: [] }
  #doneAtDeath: ReadonlySet<string> = new Set()
  #offsets: readonly number[] = []
  #wake = (): void => {}

  constructor(sent: MessageLedger) {
    this.#sent = sent
  }

  /** Messages that were handled to the end. */
  get handledCount(): number {
    return this.#handled.size
  }

  get discrepancies(): ConsumptionDiscrepancies {
    return this.#discrepancies
  }

  /** Messages acknowledged that were not handled yet: those that wait for a delay or a retry, and others. */
  get pending(): { readonly delayed: number; readonly retries: number; readonly all: number } {
    const all = [...this.#sent.acknowledgedNumbers].filter((number) => !this.#handled.has(number))
    return { all: all.length, delayed: all.filter(isDelayed).length, retries: this.#awaited.size }
  }

  /** Resolves once so many messages were handled. */
  async untilHandled(count: number): Promise<void> {
    while (this.#handled.size < count) await this.#nextChange()
  }

  /** Resolves once everything acknowledged was handled. */
  async untilNothingIsPending(): Promise<void> {
    while (this.pending.all > 0) await this.#nextChange()
  }

  /** Handles a message; some fail at first. */
  readonly handle = async (message: MessageExt, context: ConsumeContext): Promise<void> => {
    const number = this.#sent.numberOf(message)
    const isFirst = context.attempt === 1
    const place = `${message.queueId}/${message.queueOffset}`
    if (isFirst && message.queueOffset < (this.#offsets[message.queueId] ?? 0)) this.#discrepancies.again.push(place)
    if (number === undefined || message.topic !== topic) {
      this.#discrepancies.altered.push(place)
      return
    }
    for (let turns = isSlow(number) ? 300 : 0; turns > 0; turns--) await nextTurn()
    if (isFirst) this.#done.add(place)
    if (isFirst && isFailing(number)) {
      context.delayLevel = 1
      this.#awaited.add(number)
      throw new Error('not at the first delivery')
    }
    this.#awaited.delete(number)
    this.#handled.add(number)
    this.#wake()
  }

  /** Takes down what was done: nothing that is done later can have been told to the broker. */
  brokerDied(): void {
    this.#doneAtDeath = new Set(this.#done)
  }

  /** Takes down where the group is, queue by queue, when the broker has come back and nobody consumes yet. */
  brokerCameBack(offsets: readonly number[]): void {
    this.#offsets = offsets
    for (const [queueId, offset] of offsets.entries()) {
      for (let at = 0; at < offset; at++) {
        if (!this.#doneAtDeath.has(`${queueId}/${at}`)) this.#discrepancies.passedOver.push(`${queueId}/${at}`)
      }
    }
  }

  #nextChange(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve
    })
  }
}
