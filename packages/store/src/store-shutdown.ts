import type { Logger, Timer } from '@mq/remoting'
import type { StoreParts } from './store-parts.js'

/** ms after which closing is given up. */
const closeTimeoutMs = 30_000

/**
 * Makes everything durable in the order log, dispatch, consume queues, index, checkpoint, and closes the files.
 *
 * `abort` is removed only if all of it succeeded and nothing is left to dispatch; otherwise the next start recovers. Every part is closed
 * even if one before it failed. A disk that hangs is given up after 30 s. Java: DefaultMessageStore#shutdown.
 * @throws the first failure that was not reported before.
 */
export async function shutdownStore(parts: StoreParts): Promise<void> {
  const { runtime, logger } = parts.environment
  let deadline: Timer | undefined
  const timeout = new Promise<void>((resolve) => {
    deadline = runtime.timers.after(closeTimeoutMs, () => {
      logger.error('closing the store takes too long and is given up; the next start recovers', { closeTimeoutMs })
      resolve()
    })
  })
  await Promise.race([shutdownInOrder(parts), timeout]).finally(() => deadline?.cancel())
}

/** Closes the files of a store that was never started: no message was taken. Failures are logged. */
export async function releaseStore(parts: StoreParts): Promise<void> {
  const steps = new ShutdownSteps(parts.environment.logger)
  await steps.run('the consume queues', () => parts.consumeQueueStore.close())
  await steps.run('the index', () => parts.indexService.close())
  await steps.run('the checkpoint', () => parts.checkpoint.close())
  await steps.run('the commit-log files', () => parts.commitLog.close())
}

async function shutdownInOrder(parts: StoreParts): Promise<void> {
  const { commitLog, reputMessageService, consumeQueueStore, indexService, checkpoint, runningFlags } = parts
  const hadFailed = !runningFlags.isConsumeQueueWriteable
  const steps = new ShutdownSteps(parts.environment.logger)
  let behindBytes = 0
  await steps.run('the commit log', () => commitLog.shutdown())
  await steps.run('dispatch', async () => {
    behindBytes = await reputMessageService.close()
  })
  await steps.run('the consume queues', () => consumeQueueStore.close())
  await steps.run('the index', () => indexService.close())
  await steps.run('the checkpoint', () => checkpoint.close())
  await steps.run('the commit-log files', () => commitLog.close())
  const isClean = steps.failures.length === 0 && behindBytes === 0 && runningFlags.isWriteable
  if (isClean) await steps.run('the abort file', () => parts.abortFile.remove())
  if (steps.failures.length > 0 && !hadFailed) throw steps.failures[0]
}

/** Runs steps that must all be tried. */
class ShutdownSteps {
  readonly failures: unknown[] = []
  readonly #logger: Logger

  constructor(logger: Logger) {
    this.#logger = logger
  }

  async run(name: string, work: () => Promise<unknown>): Promise<void> {
    try {
      await work()
    } catch (cause) {
      this.failures.push(cause)
      this.#logger.error(`closing the store: ${name} failed`, { cause })
    }
  }
}
