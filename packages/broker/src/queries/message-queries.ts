import type { Answer, HandlerTable, RequestOf } from '@mq/remoting'
import { answer, QueryMessage, ResponseCode, ViewMessageById } from '@mq/remoting'
import type { MessageStore } from '@mq/store'
import type { BrokerConfig } from '../configuration/broker-config.js'

/** Serves the look-up of single messages. Java: QueryMessageProcessor. */
export function registerMessageQueries(handlers: HandlerTable, store: MessageStore, config: BrokerConfig): void {
  handlers.on(ViewMessageById, async ({ offset }) => {
    const record = await store.selectOneMessageByOffset(offset)
    if (record !== undefined) return answer({ body: record })
    return answer({ code: ResponseCode.SYSTEM_ERROR, remark: `can not find message by the offset, ${offset}` })
  })
  handlers.on(QueryMessage, (header) => queryMessage(header, store, config))
}

/** Where the index ends, as Java tells it to those that found nothing. */
const nowhere = { indexLastUpdateTimestamp: 0, indexLastUpdatePhyoffset: 0 }

async function queryMessage(
  header: RequestOf<typeof QueryMessage>,
  store: MessageStore,
  config: BrokerConfig,
): Promise<Answer> {
  const { topic, key, isUniqueKeyQuery, beginTimestamp: begin, endTimestamp: end } = header
  const maxNum = isUniqueKeyQuery === true ? config.defaultQueryMaxNum : header.maxNum
  const found = await store.queryMessage({ topic, key, maxNum, begin, end })
  const { indexLastUpdateTimestamp, indexLastUpdatePhyoffset } = found
  if (found.bytes.length > 0) {
    return answer({ header: { indexLastUpdateTimestamp, indexLastUpdatePhyoffset }, body: found.bytes })
  }
  const remark = 'can not find message, maybe time range not correct: check the topic, the key and the time range'
  return answer({ code: ResponseCode.QUERY_NOT_FOUND, remark, header: nowhere })
}
