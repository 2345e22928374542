import type { QueuedMessage, ReadConsumeQueueRequest, ReadConsumeQueueResult } from '../message-store.js'
import type { ConsumeQueue } from './consume-queue.js'
import { isRecordUnit } from './consume-queue-unit.js'

/** Reads units of a queue, `undefined` for one that has never had a message. Java: ConsumeQueue#iterateFrom. */
export async function readConsumeQueue(
  queue: ConsumeQueue | undefined,
  { offset, maxUnits }: ReadConsumeQueueRequest,
): Promise<ReadConsumeQueueResult> {
  if (queue === undefined || offset < queue.minOffsetInQueue || offset >= queue.maxOffsetInQueue) {
    return { messages: [], nextOffset: offset }
  }
  const units = await queue.readUnits(offset, Math.min(maxUnits, queue.maxOffsetInQueue - offset))
  const messages: QueuedMessage[] = []
  for (const [index, unit] of units.entries()) {
    if (!isRecordUnit(unit)) continue
    const { commitLogOffset: physicalOffset, msgSize: size, tagsCode } = unit
    messages.push({ queueOffset: offset + index, physicalOffset, size, tagsCode })
  }
  const nextOffset = units.length > 0 ? offset + units.length : behindMissingFile(queue, offset)
  return { messages, nextOffset }
}

function behindMissingFile({ unitsPerFile, maxOffsetInQueue }: ConsumeQueue, offset: number): number {
  return Math.min(maxOffsetInQueue, offset + unitsPerFile - (offset % unitsPerFile))
}
