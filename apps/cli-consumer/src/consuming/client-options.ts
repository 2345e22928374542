import type { LitePullConsumerOptions } from '@mq/client'
import type { MessageSourceOptions } from './message-source.js'

type ClientOptions = Required<Pick<LitePullConsumerOptions, 'namesrvAddr' | 'logger' | 'onUndecodable'>> &
  Pick<LitePullConsumerOptions, 'consumeFromWhere' | 'consumeTimestamp'>

/** The options that every kind of consumer takes from the command line. */
export function clientOptionsOf({ args, logger, onUnreadable }: MessageSourceOptions): ClientOptions {
  return {
    namesrvAddr: args.namesrvAddr,
    logger,
    onUndecodable: ({ queueOffset, cause }, { brokerName, queueId }) => {
      const why = cause instanceof Error ? cause.message : String(cause)
      onUnreadable(`a message cannot be read (${brokerName} queue ${queueId} offset ${queueOffset}): ${why}`)
    },
    ...startOf(args.from),
  }
}

function startOf(
  from: MessageSourceOptions['args']['from'],
): Pick<ClientOptions, 'consumeFromWhere' | 'consumeTimestamp'> {
  if (from === 'first') return { consumeFromWhere: 'CONSUME_FROM_FIRST_OFFSET' }
  if (from === undefined || from === 'last') return { consumeFromWhere: 'CONSUME_FROM_LAST_OFFSET' }
  return { consumeFromWhere: 'CONSUME_FROM_TIMESTAMP', consumeTimestamp: new Date(from.timestamp) }
}
