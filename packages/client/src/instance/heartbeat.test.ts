import { expect, test } from 'vitest'
import { heartbeatFingerprint } from './heartbeat.js'

const producerDataSet = [{ groupName: 'CLIENT_INNER_PRODUCER' }, { groupName: 'orders' }]
const subscription = {
  topic: 'T',
  subString: 'TagA',
  expressionType: 'TAG',
  tagsSet: ['TagA'],
  codeSet: [2_598_919],
  subVersion: 1_700_000_000_000,
  classFilterMode: false,
}
const consumer = {
  groupName: 'CG',
  consumeType: 'CONSUME_PASSIVELY',
  messageModel: 'CLUSTERING',
  consumeFromWhere: 'CONSUME_FROM_LAST_OFFSET',
  subscriptionDataSet: [subscription],
  unitMode: false,
} as const

// HeartbeatData#computeHeartbeatFingerprint of Apache RocketMQ 5.4.0 gave these whenever its hash sets had this order.
test('the fingerprint is the number that Java computes', () => {
  expect(heartbeatFingerprint({ producerDataSet, consumerDataSet: [] })).toBe(774_211_169)
  expect(heartbeatFingerprint({ producerDataSet, consumerDataSet: [consumer] })).toBe(1_581_313_889)
})

test('a subscription made again is the same subscription, one of another tag is not', () => {
  const withSubscription = (part: object): number => {
    const subscriptionDataSet = [{ ...subscription, ...part }]
    return heartbeatFingerprint({ producerDataSet, consumerDataSet: [{ ...consumer, subscriptionDataSet }] })
  }
  expect(withSubscription({ subVersion: 5 })).toBe(1_581_313_889)
  expect(withSubscription({ subString: 'TagB' })).not.toBe(1_581_313_889)
})
