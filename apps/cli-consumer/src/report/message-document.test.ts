import { describe, expect, it } from 'vitest'
import { received } from '../../test/messages.js'
import { messageJson } from './message-document.js'

const documentOf = (fields: Parameters<typeof received>[0]): Record<string, unknown> => {
  const json = messageJson(3, received(fields), 1020)
  expect(json).not.toContain('\n')
  return JSON.parse(json) as Record<string, unknown>
}

describe('messageJson', () => {
  it('says what the message is, where it lies and when it passed', () => {
    const properties = new Map([
      ['TAGS', 'paid'],
      ['KEYS', 'k1 k2'],
      ['colour', 'red'],
    ])
    expect(documentOf({ properties, body: Buffer.from('grüße\n') })).toEqual({
      number: 3,
      topic: 'Orders',
      brokerName: 'a',
      queueId: 2,
      queueOffset: 17,
      msgId: 'm',
      offsetMsgId: 'o',
      tags: 'paid',
      keys: ['k1', 'k2'],
      properties: { colour: 'red' },
      reconsumeTimes: 0,
      bornTimestamp: 1000,
      storeTimestamp: 1010,
      receivedTimestamp: 1020,
      body: 'grüße\n',
    })
  })

  it('gives a body that is no UTF-8 as base64', () => {
    const document = documentOf({ body: Buffer.from([0xff, 0xfe]) })
    expect([document['body'], document['bodyBase64']]).toEqual([undefined, '//4='])
  })
})
