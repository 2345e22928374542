import type { QueuedMessage, ReadConsumeQueueRequest, ReadConsumeQueueResult } from '../message-store.js'
import type { ConsumeQueue } from './consume-queue.js'
import { consumeQueueUnitSize, isRecordUnit, readConsumeQueueUnit } from './consume-queue-unit.js'

/** Reads units of a queue, `undefined` for one that has never had a message. Java: ConsumeQueue#iterateFrom. */
export async function readConsumeQueue(
  queue: ConsumeQueue | undefined,
  { offset, maxUnits }: ReadConsumeQueueRequest,
): Promise<ReadConsumeQueueResult> {
  if (queue === undefined || offset < queue.minOffsetInQueue || offset >= queue.maxOffsetInQueue) {
    return { messages: [], nextOffset: offset }
  }
  const bytes = await queue.readUnits(offset, Math.min(maxUnits, queue.maxOffsetInQueue - offset))
  const messages: QueuedMessage[] = []
  for (let at = 0; at < bytes.length; at += consumeQueueUnitSize) {
    const unit = readConsumeQueueUnit(bytes, at)
    if (!isRecordUnit(unit)) continue
    const { commitLogOffset: physicalOffset, msgSize: size, tagsCode } = unit
    messages.push({ queueOffset: offset + at / consumeQueueUnitSize, physicalOffset, size, tagsCode })
  }
  const nextOffset = bytes.length > 0 ? offset + bytes.length / consumeQueueUnitSize : behindMissingFile(queue, offset)
  return { messages, nextOffset }
}

function behindMissingFile({ unitsPerFile, maxOffsetInQueue }: ConsumeQueue, offset: number): number {
  return Math.min(maxOffsetInQueue, offset + unitsPerFile - (offset % unitsPerFile))
}
