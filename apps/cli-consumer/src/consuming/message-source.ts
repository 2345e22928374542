import type { MessageExt } from '@mq/client'
import type { Arguments } from '../command-line.js'
import type { Logger } from '../report/client-log.js'

/** What a source of messages works with. */
export interface MessageSourceOptions {
  readonly args: Arguments
  readonly logger: Logger
  /** Takes a message; false when no more are wanted, this one included. */
  readonly take: (message: MessageExt) => Promise<boolean>
  /** Hears of a stored message that cannot be read; the sentence says which and why. */
  readonly onUnreadable: (sentence: string) => void
  /** Tells the user how it stands: which queues are read, what is waited for. */
  readonly say: (sentence: string) => void
}

/** Gets messages from brokers, one way or the other. */
export interface MessageSource {
  /**
   * Hands over messages until the signal is aborted, then lets go of everything. Rejects when there is nowhere to get messages
   * from, with what to do about it.
   */
  deliver(over: AbortSignal): Promise<void>
}
