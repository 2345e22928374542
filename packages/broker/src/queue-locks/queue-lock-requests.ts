import type { HandlerTable } from '@mq/remoting'
import { answer, decodeQueueLockRequest, encodeLockBatchResponse, LockBatchMQ, UnlockBatchMQ } from '@mq/remoting'
import { bodyOf } from '../request-body.js'
import type { RebalanceLockManager } from './rebalance-lock-manager.js'

/** Serves the locks of ordered consumption; both always succeed. Java: AdminBrokerProcessor#lockBatchMQ, #unlockBatchMQ. */
export function registerQueueLockRequests(handlers: HandlerTable, locks: RebalanceLockManager): void {
  handlers.on(LockBatchMQ, (_header, context) => {
    const lockOKMQSet = locks.tryLockBatch(decodeQueueLockRequest(bodyOf(context)))
    return answer({ body: encodeLockBatchResponse({ lockOKMQSet }) })
  })
  handlers.on(UnlockBatchMQ, (_header, context) => {
    locks.unlockBatch(decodeQueueLockRequest(bodyOf(context)))
    return answer({})
  })
}
