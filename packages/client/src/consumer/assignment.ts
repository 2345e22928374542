import type { MessageQueue } from '@mq/remoting'
import { ProcessQueue } from '../rebalance/process-queue.js'
import { QueueMap } from '../rebalance/queue-map.js'
import { LitePullTask, type LitePullTaskOptions } from './lite-pull-task.js'

/** What all tasks of an assignment have in common. */
export type TaskParts = Omit<LitePullTaskOptions, 'queue' | 'processQueue' | 'subscription'> &
  Readonly<Record<'subscriptionOf', (queue: MessageQueue) => ReturnType<LitePullTaskOptions['subscription']>>>

/** The queues a lite pull consumer pulls from, each with its task. Java: AssignedMessageQueue and taskTable. */
export class Assignment {
  readonly #parts: TaskParts
  readonly #tasks = new QueueMap<LitePullTask>()

  constructor(parts: TaskParts) {
    this.#parts = parts
  }

  get queues(): readonly MessageQueue[] {
    return [...this.#tasks.keys()]
  }

  get tasks(): readonly LitePullTask[] {
    return [...this.#tasks.values()]
  }

  taskOf(queue: MessageQueue): LitePullTask | undefined {
    return this.#tasks.get(queue)
  }

  /** Begins to pull a queue, from this offset or from where the group is. */
  add(queue: MessageQueue, from: { processQueue?: ProcessQueue; nextOffset?: number } = {}): void {
    this.remove(queue)
    const { subscriptionOf, ...parts } = this.#parts
    const processQueue = from.processQueue ?? new ProcessQueue(parts.config.client.runtime.clock)
    const task = new LitePullTask(
      { ...parts, queue, processQueue, subscription: () => subscriptionOf(queue) },
      from.nextOffset,
    )
    this.#tasks.set(queue, task)
    task.start()
  }

  /** Pulls a queue no more. */
  remove(queue: MessageQueue): void {
    this.#tasks.get(queue)?.stop()
    this.#tasks.delete(queue)
  }

  /** Makes these and no others the queues; those that were there go on where they are. */
  replace(queues: Iterable<MessageQueue>): void {
    const wanted = new QueueMap([...queues].map((queue) => [queue, true] as const))
    for (const queue of this.queues) if (!wanted.has(queue)) this.remove(queue)
    for (const queue of wanted.keys()) if (!this.#tasks.has(queue)) this.add(queue)
  }

  /** There may be room in the cache again. */
  wakeAll(): void {
    for (const task of this.#tasks.values()) task.wake()
  }
}
