import type { Logger } from '@mq/remoting'
import { ExitCode } from './exit-code.js'

/**
 * Aborted when the program shall stop: by SIGTERM, SIGINT or SIGHUP, or because the parent that spawned it with an IPC channel
 * is gone. A second signal ends the process at once.
 */
export function listenForStop(logger: Logger): AbortSignal {
  const stop = new AbortController()
  const begin = (reason: string): void => {
    if (stop.signal.aborted) return
    logger.info(`stopping: ${reason}`)
    stop.abort()
  }
  let signals = 0
  const onSignal = (signal: NodeJS.Signals): void => {
    signals += 1
    if (signals > 1) {
      logger.warn(`${signal} again: ending at once, the next start recovers the store`)
      process.exit(ExitCode.failure)
    }
    begin(signal)
  }
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, onSignal)
  // Undefined without an IPC channel; false when the parent closed it before anybody listened.
  const { connected, channel } = process as { connected?: boolean; channel?: { unref(): void } }
  process.on('disconnect', () => begin('the parent process let go'))
  channel?.unref()
  if (connected === false) begin('the parent process let go')
  return stop.signal
}

/** Settles when the signal is aborted, at once if it is already. */
export function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}

/** Logs what nobody caught and ends the process without closing the store, whose abort file makes the next start recover. */
export function endOnDefect(logger: Logger): void {
  process.on('uncaughtException', (error, origin) => {
    logger.error(`${origin}: ending without closing the store; please report this`, { error })
    process.exit(ExitCode.internal)
  })
}
