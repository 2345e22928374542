import { createHash } from 'node:crypto'
import type { MessageQueue } from '@mq/remoting'
import { atLeast } from '../instance/client-options.js'
import type { AllocateMessageQueueStrategy } from './allocate-message-queue-strategy.js'
import { memberIndexOf } from './checked-allocation.js'

/** How {@link allocateMessageQueueConsistentHash} shares out. */
export interface ConsistentHashOptions {
  /** Points of each member on the ring. Default 10. */
  readonly virtualNodeCnt?: number
  /** Where a key lies on the ring. Default: the first four bytes of its MD5. */
  readonly hash?: (key: string) => number
}

interface RingPoint {
  readonly hash: number
  readonly clientId: string
}

/** Queues to the member that follows them on a ring, so that few move when a member comes or goes. Java: AllocateMessageQueueConsistentHash. */
export function allocateMessageQueueConsistentHash(options: ConsistentHashOptions = {}): AllocateMessageQueueStrategy {
  const virtualNodeCnt = atLeast(0, 'virtualNodeCnt', options.virtualNodeCnt ?? 10)
  const hash = options.hash ?? md5Hash
  return {
    name: 'CONSISTENT_HASH',
    allocate(request) {
      if (memberIndexOf(request) === undefined) return []
      const ring = ringOf(request.cidAll, virtualNodeCnt, hash)
      return request.mqAll.filter((queue) => ownerOf(ring, hash(queueKey(queue))) === request.currentCID)
    },
  }
}

function ringOf(clientIds: readonly string[], virtualNodeCnt: number, hash: (key: string) => number): RingPoint[] {
  const ring = new Map<number, string>()
  for (const clientId of clientIds) {
    // An id that stands twice in the list gets points of its own the second time.
    const existing = [...ring.values()].filter((owner) => owner === clientId).length
    for (let index = 0; index < virtualNodeCnt; index++) ring.set(hash(`${clientId}-${index + existing}`), clientId)
  }
  return [...ring].map(([point, clientId]) => ({ hash: point, clientId })).sort((a, b) => a.hash - b.hash)
}

function ownerOf(ring: readonly RingPoint[], hash: number): string | undefined {
  return (ring.find((point) => point.hash >= hash) ?? ring[0])?.clientId
}

function queueKey({ topic, brokerName, queueId }: MessageQueue): string {
  return `MessageQueue [topic=${topic}, brokerName=${brokerName}, queueId=${queueId}]`
}

function md5Hash(key: string): number {
  return createHash('md5').update(key, 'utf8').digest().readUInt32BE(0)
}
