import type { MessageExt } from '@mq/remoting'

/** How a pull ended. Java: PullStatus. */
export type PullStatus = 'FOUND' | 'NO_NEW_MSG' | 'NO_MATCHED_MSG' | 'OFFSET_ILLEGAL'

/** A stored message that could not be read: its place is known, its content is not. */
export interface UndecodableMessage {
  /** Offset in the queue; undefined where the record is too damaged to tell. */
  readonly queueOffset: number | undefined
  /** Id of the record by its place in the log; undefined where the record is too damaged to tell. */
  readonly offsetMsgId: string | undefined
  readonly cause: Error
}

/** What a pull answered. Java: PullResult. */
export interface PullResult {
  readonly pullStatus: PullStatus
  readonly nextBeginOffset: number
  readonly minOffset: number
  readonly maxOffset: number
  /** Decoded, decompressed, filtered by tag, without namespace; owned by the caller. */
  readonly msgFoundList: readonly MessageExt[]
  /** Messages of the answer that could not be read; what lies after them is in `msgFoundList` all the same. */
  readonly undecodable: readonly UndecodableMessage[]
}
