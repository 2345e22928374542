import { setTimeout as delay } from 'node:timers/promises'
import {
  createRequest,
  decodeClusterInfo,
  GetBrokerClusterInfo,
  GetMaxOffset,
  type Logger,
  type RemotingClient,
} from '@mq/remoting'

const PROBE_TIMEOUT_MS = 3000
const FIRST_PAUSE_MS = 5
const LONGEST_PAUSE_MS = 1000
const WARN_EVERY_MS = 30_000

/** What has to answer before clients can use a broker. */
export interface ReadinessCheck {
  readonly remoting: RemotingClient
  readonly logger: Logger
  /** Ends the wait. */
  readonly signal: AbortSignal
}

/** Waits until the broker answers a request, whatever the answer. False when the wait was ended. */
export function untilBrokerAnswers(check: ReadinessCheck, address: string): Promise<boolean> {
  return retry(check, `the broker at ${address} does not answer yet`, async () => {
    const request = createRequest(GetMaxOffset, { topic: 'TBW102', queueId: 0 })
    await check.remoting.invokeSync(address, request, { timeoutMs: PROBE_TIMEOUT_MS, signal: check.signal })
    return true
  })
}

/** Waits until one of the name servers answers and tells of the broker. False when the wait was ended. */
export function untilRegistered(
  check: ReadinessCheck,
  { nameServers, brokerName }: { nameServers: readonly string[]; brokerName: string },
): Promise<boolean> {
  const complaint = `no name server of ${nameServers.join(';')} knows the broker ${brokerName} yet: clients cannot find it`
  return retry(check, complaint, async () => {
    const answers = nameServers.map((address) => brokersOf(check, address))
    return (await Promise.any(answers)).has(brokerName)
  })
}

/** Whether an address accepts connections and answers; true also when the check was ended. */
export async function isReachable({ remoting, signal }: ReadinessCheck, address: string): Promise<boolean> {
  const request = createRequest(GetMaxOffset, { topic: 'TBW102', queueId: 0 })
  const answer = remoting.invokeSync(address, request, { timeoutMs: PROBE_TIMEOUT_MS, signal })
  return answer.then(
    () => true,
    () => signal.aborted,
  )
}

async function brokersOf({ remoting, signal }: ReadinessCheck, address: string): Promise<ReadonlyMap<string, unknown>> {
  const { body } = await remoting.invoke(address, GetBrokerClusterInfo, {}, { timeoutMs: PROBE_TIMEOUT_MS, signal })
  return body === undefined ? new Map() : decodeClusterInfo(body).brokerAddrTable
}

/** Repeats a check until it is true, with growing pauses and now and then a warning. */
async function retry(
  { logger, signal }: ReadinessCheck,
  complaint: string,
  check: () => Promise<boolean>,
): Promise<boolean> {
  let warnedAtMs = performance.now() - WARN_EVERY_MS + LONGEST_PAUSE_MS
  for (let pauseMs = FIRST_PAUSE_MS; !signal.aborted; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
    let error: unknown
    try {
      if (await check()) return true
    } catch (cause) {
      error = cause
    }
    if (performance.now() - warnedAtMs >= WARN_EVERY_MS) {
      warnedAtMs = performance.now()
      logger.warn(complaint, { error })
    }
    await delay(pauseMs, undefined, { signal }).catch(() => {
      // Ended by the signal: the loop looks at it next.
    })
  }
  return false
}
