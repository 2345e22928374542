/** How the program ends. */
export const ExitCode = {
  /** Everything asked for was consumed, or the user has seen enough. */
  ok: 0,
  /** Fewer messages came than were asked for, or something failed. */
  failure: 1,
  /** The command line cannot be understood. */
  usage: 2,
  /** Ended by a second signal: 128 and the number of SIGINT. */
  interrupted: 130,
} as const

/**
 * Aborted when the user wants the run to end: by Ctrl-C, SIGTERM or SIGHUP, or because the parent that spawned the program with
 * an IPC channel is gone. A second signal ends the process at once.
 */
export function listenForInterruption(): AbortSignal {
  const stop = new AbortController()
  let signals = 0
  const onSignal = (): void => {
    signals += 1
    if (signals > 1) process.exit(ExitCode.interrupted)
    stop.abort()
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal)
  // Undefined without an IPC channel; false when the parent closed it before anybody listened.
  const { connected, channel } = process as { connected?: boolean; channel?: { unref(): void } }
  process.on('disconnect', () => stop.abort())
  channel?.unref()
  if (connected === false) stop.abort()
  return stop.signal
}
