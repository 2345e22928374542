import { MQClientError } from '../errors.js'
import type { AllocationRequest } from './allocate-message-queue-strategy.js'

/**
 * The place of the member that asks among all members, or undefined when it is not one of them. Throws MQClientError ALLOCATION
 * when there is nothing to share out or nobody to share with. Java: AbstractAllocateMessageQueueStrategy#check.
 */
export function memberIndexOf({ consumerGroup, currentCID, mqAll, cidAll }: AllocationRequest): number | undefined {
  if (currentCID === '' || mqAll.length === 0 || cidAll.length === 0) {
    throw allocationError(
      `group '${consumerGroup}' has ${mqAll.length} queues and ${cidAll.length} members, the asking one is '${currentCID}'`,
    )
  }
  const index = cidAll.indexOf(currentCID)
  return index < 0 ? undefined : index
}

/** An allocation that cannot be made. */
export function allocationError(message: string): MQClientError {
  return new MQClientError(message, { code: 'ALLOCATION' })
}
