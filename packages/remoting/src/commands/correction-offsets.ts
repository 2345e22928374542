import { decodeJsonBody, encodeJsonBody, integerMapMember, integerOf } from '../codec/json-body.js'
import { JavaNumber } from '../codec/java-json-writer.js'

/** What Java writes for a queue in which the group compared with is behind. */
const longMax = new JavaNumber('9223372036854775807')

/**
 * The lowest offset of some groups by queue; Number.MAX_SAFE_INTEGER where the group compared with is behind all of them. Body of
 * the answer to QUERY_CORRECTION_OFFSET. Java: QueryCorrectionOffsetBody.
 */
export function encodeCorrectionOffsets(offsets: ReadonlyMap<number, number>): Buffer {
  const correctionOffsets = [...offsets].map(([queueId, offset]) => {
    return [queueId, offset >= Number.MAX_SAFE_INTEGER ? longMax : offset] as const
  })
  return encodeJsonBody({ correctionOffsets: new Map(correctionOffsets) })
}

/** Body of the answer to QUERY_CORRECTION_OFFSET. @throws RemotingCommandError when it is no JSON object. */
export function decodeCorrectionOffsets(bytes: Buffer): ReadonlyMap<number, number> {
  return integerMapMember(decodeJsonBody(bytes, 'QueryCorrectionOffsetBody'), 'correctionOffsets', integerOf)
}
