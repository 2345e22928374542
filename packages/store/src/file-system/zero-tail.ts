import { StoreWriteError } from '../errors.js'
import type { FileHandle } from './file-system.js'

const chunkSize = 1024 * 1024

/**
 * How far behind its start a tail is looked at: all of it, or only on if something near the start is not zero. Left-overs of a torn end start
 * near it, so that nothing near means nothing at all after a clean exit.
 */
export type ZeroExtent = 'all' | 'if dirty near'

/** Which bytes to zero. */
export interface Tail {
  readonly from: number
  readonly to: number
  readonly extent: ZeroExtent
}

/**
 * Makes the bytes of a tail zeros, durably if any were not. The file keeps its size all the time: cutting it off and extending it again could
 * leave a file of another size behind after a crash. Holes stay holes.
 * @throws StoreWriteError if a write was cut short; the system's cause if it failed.
 */
export async function zeroTail(handle: FileHandle, { from, to, extent }: Tail): Promise<void> {
  const chunk = Buffer.allocUnsafe(Math.min(chunkSize, Math.max(0, to - from)))
  let isChanged = false
  for (let at = from; at < to; at += chunk.length) {
    const part = chunk.subarray(0, Math.min(chunk.length, to - at))
    const size = await handle.read(part, at)
    if (isZero(part.subarray(0, size))) {
      if (extent === 'if dirty near' && !isChanged) return
      continue
    }
    part.fill(0)
    if ((await handle.write(part, at)) !== part.length) {
      throw new StoreWriteError(`A write of zeros at ${at} of ${handle.path} was cut short; free the disk and restart`)
    }
    isChanged = true
  }
  if (isChanged) await handle.datasync()
}

function isZero(bytes: Buffer): boolean {
  return bytes.length === 0 || (bytes[0] === 0 && bytes.compare(bytes, 1, bytes.length, 0, bytes.length - 1) === 0)
}
