import { setTimeout as delay } from 'node:timers/promises'
import { type MessageQueue, NoRouteError } from '@mq/client'

const DEFAULT_INTERVAL_MS = 500

/** What {@link untilTopicExists} works with. */
export interface TopicSearch {
  readonly fetchQueues: () => Promise<readonly MessageQueue[]>
  /** Told once, when the topic is not there at the first look. */
  readonly onMissing: () => void
  readonly over: AbortSignal
  /** Milliseconds between two looks. Default 500. */
  readonly intervalMs?: number
}

/** A topic, once it is there. */
export interface FoundTopic {
  readonly queues: readonly MessageQueue[]
  /** Whether it was not there at the first look. */
  readonly isNew: boolean
}

/**
 * The queues of a topic, waiting for it if need be; undefined when `over` is aborted before. Rejects when the name servers cannot
 * be asked at the first look.
 */
export async function untilTopicExists(search: TopicSearch): Promise<FoundTopic | undefined> {
  const { fetchQueues, intervalMs = DEFAULT_INTERVAL_MS, onMissing, over } = search
  for (let looks = 0; !over.aborted; looks++) {
    try {
      const queues = await fetchQueues()
      if (queues.length > 0) return { queues, isNew: looks > 0 }
    } catch (error) {
      if (looks === 0 && !(error instanceof NoRouteError && error.code === 'TOPIC_NOT_FOUND')) throw error
    }
    if (looks === 0) onMissing()
    await delay(intervalMs, undefined, { signal: over }).catch(() => {})
  }
  return undefined
}
