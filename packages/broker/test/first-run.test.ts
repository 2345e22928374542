import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  encodeMessageBatch,
  PullMessage,
  RemotingClient,
  readRecords,
  SendBatchMessage,
  SendMessage,
  SendMessageV2,
} from '@mq/remoting'
import { expect, test } from 'vitest'
import { Broker } from '../src/index.js'

test('a broker stores messages', async () => {
  const storePathRootDir = await mkdtemp(join(tmpdir(), 'broker-'))
  const broker = await Broker.start({
    brokerName: 'a',
    listenPort: 0,
    storePathRootDir,
    mappedFileSizeCommitLog: 1048576,
    mappedFileSizeConsumeQueue: 2000,
    maxHashSlotNum: 100,
    maxIndexNum: 400,
  })
  const client = new RemotingClient()
  const header = {
    producerGroup: 'p',
    topic: 'T',
    defaultTopic: 'TBW102',
    defaultTopicQueueNums: 4,
    queueId: 1,
    sysFlag: 0,
    bornTimestamp: 1,
    flag: 0,
    properties: '',
    reconsumeTimes: 0,
  }
  const options = { timeoutMs: 3000 }
  await client.invoke(broker.address, SendMessage, header, { ...options, body: Buffer.from('one') })
  await client.invoke(broker.address, SendMessageV2, header, { ...options, body: Buffer.from('two') })
  const body = encodeMessageBatch([
    { flag: 0, body: Buffer.from('three'), properties: '' as never },
    { flag: 0, body: Buffer.from('four'), properties: '' as never },
  ])
  await client.invoke(broker.address, SendBatchMessage, { ...header, batch: true }, { ...options, body })
  const pulled = await client.invoke(
    broker.address,
    PullMessage,
    {
      consumerGroup: 'g',
      topic: 'T',
      queueId: 1,
      queueOffset: 0,
      maxMsgNums: 32,
      sysFlag: 4,
      commitOffset: 0,
      suspendTimeoutMillis: 0,
      subVersion: 0,
      subscription: '*',
    },
    options,
  )
  expect(readRecords(pulled.body as Buffer).map((m) => m.body.toString())).toEqual(['one', 'two', 'three', 'four'])
  await client.close()
  await broker.close()
  await rm(storePathRootDir, { recursive: true })
})
