import type { AllocateMessageQueueStrategy } from './allocate-message-queue-strategy.js'
import { memberIndexOf } from './checked-allocation.js'

/** Consecutive queues to each member, the first members one more when it does not come out even. Java: AllocateMessageQueueAveragely. */
export const allocateMessageQueueAveragely: AllocateMessageQueueStrategy = {
  name: 'AVG',
  allocate(request) {
    const index = memberIndexOf(request)
    if (index === undefined) return []
    const { mqAll, cidAll } = request
    const size = Math.floor(mqAll.length / cidAll.length)
    const extra = mqAll.length % cidAll.length
    const start = index * size + Math.min(index, extra)
    return mqAll.slice(start, start + size + (index < extra ? 1 : 0))
  },
}

/** Queues dealt out one by one. Java: AllocateMessageQueueAveragelyByCircle. */
export const allocateMessageQueueAveragelyByCircle: AllocateMessageQueueStrategy = {
  name: 'AVG_BY_CIRCLE',
  allocate(request) {
    const index = memberIndexOf(request)
    if (index === undefined) return []
    return request.mqAll.filter((_, at) => at % request.cidAll.length === index)
  },
}
