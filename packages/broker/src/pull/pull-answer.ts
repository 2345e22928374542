import type { Answer, SubscriptionGroupConfig } from '@mq/remoting'
import { answer, ResponseCode } from '@mq/remoting'
import type { GetMessageResult, GetMessageStatus } from '@mq/store'
import type { BrokerConfig } from '../configuration/broker-config.js'
import type { PullHeader } from './pull-subscription.js'

const MASTER_ID = 0

/** What an answer to a pull is composed of. */
export interface PullOutcome {
  readonly config: BrokerConfig
  readonly header: PullHeader
  readonly found: GetMessageResult
  readonly topicSysFlag: number
  readonly group: SubscriptionGroupConfig
}

/** The answer to a pull that passed the checks. Java: PullMessageProcessor#composeResponseHeader, DefaultPullMessageResultHandler. */
export function pullAnswer(outcome: PullOutcome): Answer {
  const { found, topicSysFlag, group } = outcome
  const { status: remark, nextBeginOffset, minOffset, maxOffset, bytes } = found
  const { code, suggestWhichBrokerId } = redirected(outcome)
  const { groupSysFlag } = group
  return answer({
    code,
    remark,
    header: { suggestWhichBrokerId, nextBeginOffset, minOffset, maxOffset, topicSysFlag, groupSysFlag },
    ...(bytes.length > 0 ? { body: bytes } : {}),
  })
}

interface Redirection {
  readonly code: number
  /** Id of the broker to pull from next. */
  readonly suggestWhichBrokerId: number
}

/** A slave serves those who are slow; whoever keeps up, and whoever asks for what it does not have, goes back to the master. */
function redirected({ config, header, found, group }: PullOutcome): Redirection {
  const { slaveReadEnable, brokerId, brokerRole, offsetCheckInSlave } = config
  const { status, suggestPullingFromSlave: isSlow } = found
  const code = pullCode(status, header.queueOffset)
  if (brokerId !== MASTER_ID && !isSlow) {
    return { code: status === 'FOUND' ? code : ResponseCode.PULL_RETRY_IMMEDIATELY, suggestWhichBrokerId: MASTER_ID }
  }
  if (code === ResponseCode.PULL_OFFSET_MOVED && brokerRole === 'SLAVE' && !offsetCheckInSlave) {
    return { code: ResponseCode.PULL_RETRY_IMMEDIATELY, suggestWhichBrokerId: group.brokerId }
  }
  if (!slaveReadEnable) return { code, suggestWhichBrokerId: MASTER_ID }
  return { code, suggestWhichBrokerId: isSlow ? group.whichBrokerWhenConsumeSlowly : group.brokerId }
}

function pullCode(status: GetMessageStatus, offset: number): number {
  switch (status) {
    case 'FOUND':
      return ResponseCode.SUCCESS
    case 'NO_MATCHED_MESSAGE':
    case 'MESSAGE_WAS_REMOVING':
      return ResponseCode.PULL_RETRY_IMMEDIATELY
    case 'NO_MATCHED_LOGIC_QUEUE':
    case 'NO_MESSAGE_IN_QUEUE':
      return offset === 0 ? ResponseCode.PULL_NOT_FOUND : ResponseCode.PULL_OFFSET_MOVED
    case 'OFFSET_FOUND_NULL':
    case 'OFFSET_OVERFLOW_ONE':
      return ResponseCode.PULL_NOT_FOUND
    case 'OFFSET_OVERFLOW_BADLY':
    case 'OFFSET_TOO_SMALL':
    case 'OFFSET_RESET':
      return ResponseCode.PULL_OFFSET_MOVED
  }
}
