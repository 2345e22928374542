import type { MessageExt } from '@mq/client'

/** A message that was received, with what a test cares for. */
export function received(fields: Partial<MessageExt> = {}): MessageExt {
  const host = { ip: Buffer.from([127, 0, 0, 1]), port: 10911 }
  return {
    topic: 'Orders',
    flag: 0,
    body: Buffer.from('hello'),
    properties: new Map(),
    queueId: 2,
    queueOffset: 17,
    physicalOffset: 0,
    storeSize: 100,
    sysFlag: 0,
    bodyCrc: 0,
    bornTimestamp: 1000,
    bornHost: host,
    storeTimestamp: 1010,
    storeHost: host,
    reconsumeTimes: 0,
    preparedTransactionOffset: 0,
    msgId: 'm',
    offsetMsgId: 'o',
    brokerName: 'a',
    ...fields,
  }
}
