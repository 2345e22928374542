import {
  type Logger,
  NotifyMinBrokerIdChange,
  type NotifyMinBrokerIdChangeRequest,
  createRequest,
  type RemotingClient,
} from '@mq/remoting'
import type { MinBrokerIdChange } from './broker-registration.js'

const NOTICE_TIMEOUT_MS = 300

/** Tells brokers of one name, at their own ports, which of them has the lowest id now. Java: RouteInfoManager#notifyMinBrokerIdChanged. */
export function notifyMinBrokerIdChanged(client: RemotingClient, change: MinBrokerIdChange, logger: Logger): void {
  const [lowest] = change.brokerAddrs
  if (lowest === undefined) return
  const [minBrokerId, minBrokerAddr] = lowest
  const { brokerName, offlineBrokerAddr, haBrokerAddr } = change
  const notice: NotifyMinBrokerIdChangeRequest = { minBrokerId, minBrokerAddr, brokerName }
  if (offlineBrokerAddr !== undefined) notice.offlineBrokerAddr = offlineBrokerAddr
  if (haBrokerAddr !== undefined) notice.haBrokerAddr = haBrokerAddr
  for (const brokerAddr of addressesToNotify(change)) {
    const request = createRequest(NotifyMinBrokerIdChange, notice)
    Promise.resolve(client.invokeOneway(brokerAddr, request, { timeoutMs: NOTICE_TIMEOUT_MS })).catch(
      (error: unknown) => {
        logger.warn('broker not told of the lowest id', { brokerAddr, brokerName, error })
      },
    )
  }
}

/** The broker that has just come with the lowest id knows; when one went, all that are left are told. */
export function addressesToNotify({ brokerAddrs, offlineBrokerAddr }: MinBrokerIdChange): string[] {
  const addresses = [...brokerAddrs.values()]
  return offlineBrokerAddr !== undefined || addresses.length === 1 ? addresses : addresses.slice(1)
}
