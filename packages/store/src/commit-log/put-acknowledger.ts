import type { Clock } from '@mq/remoting'
import { isDiskFull, StoreWriteError } from '../errors.js'
import type { FlushOutcome } from '../flush/group-commit-service.js'
import type { HAService } from '../ha/ha-service.js'
import type { PutMessageRefusal, PutMessageStatus } from '../message-store.js'
import type { StoreStatsService } from '../stats/store-stats-service.js'
import { type AppendedPut, refusedResult, storedResult } from './appended-put.js'

/** What an acknowledgement waits for, and who counts it. */
export interface PutAcknowledgerOptions {
  readonly haService: HAService
  readonly stats: StoreStatsService
  readonly clock: Clock
  /** Calls back once the log is durable up to an offset; `undefined` with ASYNC_FLUSH, where nobody waits. */
  readonly waitForFlush: ((nextOffset: number, onFlushed: (outcome: FlushOutcome) => void) => void) | undefined
}

/** Answers puts once they are as safe as their sender asked for. Java: CommitLog#handleDiskFlushAndHA. */
export class PutAcknowledger {
  readonly #options: PutAcknowledgerOptions

  constructor(options: PutAcknowledgerOptions) {
    this.#options = options
  }

  /** Takes puts whose bytes are in the kernel. */
  acknowledge(puts: readonly AppendedPut[]): void {
    const { waitForFlush, clock } = this.#options
    const nowMs = clock.now()
    for (const put of puts) {
      if (waitForFlush === undefined || !put.isWaitStoreMsgOK) this.#afterFlush(put, 'PUT_OK', nowMs)
      else waitForFlush(put.nextOffset, (outcome) => this.#afterFlush(put, outcome, clock.now()))
    }
  }

  /** Answers a put of which nothing was stored. */
  refuse(put: Pick<AppendedPut, 'onComplete'>, refusal: PutMessageRefusal): void {
    this.#options.stats.countPutFailure()
    put.onComplete(refusedResult(refusal))
  }

  #afterFlush(put: AppendedPut, outcome: FlushOutcome, nowMs: number): void {
    if (outcome instanceof StoreWriteError) {
      this.refuse(put, refusalOf(outcome))
    } else if (put.needAckNums <= 1) {
      this.#complete(put, outcome, nowMs)
    } else {
      this.#options.haService.waitForReplicas((replicas) => {
        this.#complete(put, replicas === 'PUT_OK' ? outcome : replicas, this.#options.clock.now())
      })
    }
  }

  #complete(put: AppendedPut, status: PutMessageStatus, nowMs: number): void {
    const { stats } = this.#options
    const result = storedResult(put, status)
    if (status === 'PUT_OK') stats.countPut(result.messageCount, result.wroteBytes, nowMs - result.storeTimestamp)
    else stats.countPutFailure()
    put.onComplete(result)
  }
}

/** What the sender is told after a failed write or sync: the message may or may not be found later. */
export function refusalOf(error: StoreWriteError): PutMessageRefusal {
  const status = isDiskFull(error) ? 'SERVICE_NOT_AVAILABLE' : 'UNKNOWN_ERROR'
  return { status, remark: error.message }
}
