import { GetTopicConfig, RequestCode, ResponseCode, ResponseError } from '@mq/remoting'
import { expect, test } from 'vitest'
import { SimulatedBroker } from './simulated-broker.js'

test('hooks see every request of clients and its answer, and one that throws decides it', async () => {
  const seen: (string | number | undefined)[] = []
  const watching = {
    doBeforeRequest: (_address: string, { extFields }: { extFields?: Readonly<Record<string, string>> | undefined }) =>
      void seen.push(extFields?.['topic']),
    doAfterResponse: (_address: string, { code }: { code: number }, response: { code: number } | undefined) =>
      void seen.push(code, response?.code),
  }
  const refusing = {
    doBeforeRequest(_address: string, { extFields }: { extFields?: Readonly<Record<string, string>> | undefined }) {
      if (extFields?.['topic'] === 'Secret') throw new ResponseError(ResponseCode.NO_PERMISSION, 'not for you')
    },
    doAfterResponse() {},
  }
  await using rig = await SimulatedBroker.started({ rpcHooks: [watching, refusing] })
  await rig.call(GetTopicConfig, { topic: 'Nothing' })
  await rig.call(GetTopicConfig, { topic: 'Secret' })
  const code = RequestCode.GET_TOPIC_CONFIG
  expect(seen).toEqual(['Nothing', code, ResponseCode.TOPIC_NOT_EXIST, 'Secret', code, ResponseCode.NO_PERMISSION])
})
