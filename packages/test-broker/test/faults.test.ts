import { RemotingTimeoutError, ResponseCode } from '@mq/remoting'
import { expect, test } from 'vitest'
import { startTestBroker } from '../src/index.js'
import { RawClient } from './raw-client.js'

test('sends are refused as often as asked for, and store nothing', async () => {
  await using broker = await startTestBroker({ topics: ['Orders'] })
  await using client = new RawClient(broker)
  const fault = broker.failSends({ answer: 'SYSTEM_BUSY', times: 2 })
  const codes: number[] = []
  for (const body of ['one', 'two', 'three']) codes.push((await client.send('Orders', body)).code)
  expect(codes).toEqual([ResponseCode.SYSTEM_BUSY, ResponseCode.SYSTEM_BUSY, ResponseCode.SUCCESS])
  expect(fault.count).toBe(2)
  expect((await broker.messages('Orders')).map(({ text }) => text)).toEqual(['three'])
})

test.each(['FLUSH_DISK_TIMEOUT', 'FLUSH_SLAVE_TIMEOUT', 'SLAVE_NOT_AVAILABLE'] as const)(
  '%s is answered for a message that is stored, with its place',
  async (answer) => {
    await using broker = await startTestBroker({ topics: ['Orders'] })
    await using client = new RawClient(broker)
    broker.failSends({ answer })
    const response = await client.send('Orders', 'kept', { queueId: 2 })
    expect(response.code).toBe(ResponseCode[answer])
    expect(response.extFields).toMatchObject({ queueId: '2', queueOffset: '0' })
    const [message] = await broker.messages('Orders')
    expect(message).toMatchObject({ text: 'kept' })
    expect(response.extFields).toMatchObject({ msgId: message?.messageExt.offsetMsgId })
    expect(await client.send('Orders', 'next')).toMatchObject({ code: ResponseCode.SUCCESS })
  },
)

test('a fault of one topic leaves others alone, and ends when it is stopped', async () => {
  await using broker = await startTestBroker({ topics: ['Orders', 'Bills'] })
  await using client = new RawClient(broker)
  const fault = broker.failSends({ answer: 'NO_PERMISSION', topic: 'Orders', times: Number.POSITIVE_INFINITY })
  expect(await client.send('Bills', 'a')).toMatchObject({ code: ResponseCode.SUCCESS })
  expect(await client.send('Orders', 'b')).toMatchObject({ code: ResponseCode.NO_PERMISSION })
  fault.stop()
  expect(await client.send('Orders', 'c')).toMatchObject({ code: ResponseCode.SUCCESS })
  expect(fault.count).toBe(1)
})

test('an answer that does not exist, and success, are refused', async () => {
  await using broker = await startTestBroker()
  for (const answer of ['BUSY', 'SUCCESS', 'toString']) {
    expect(() => broker.failSends({ answer: answer as 'SYSTEM_BUSY' })).toThrow('take the name of a response code')
  }
  expect(() => broker.failSends({ answer: 'SYSTEM_BUSY', times: 0 })).toThrow('times is 0')
})

test('a paused broker lets requests time out and answers the next ones after it is resumed', async () => {
  await using broker = await startTestBroker({ topics: ['Orders'] })
  await using client = new RawClient(broker)
  await client.send('Orders', 'before')
  broker.pause()
  await expect(client.send('Orders', 'on a known connection', { timeoutMs: 50 })).rejects.toBeInstanceOf(
    RemotingTimeoutError,
  )
  await using other = new RawClient(broker)
  await expect(other.send('Orders', 'on a new one', { timeoutMs: 50 })).rejects.toBeInstanceOf(RemotingTimeoutError)
  broker.resume()
  expect(await client.send('Orders', 'after')).toMatchObject({ code: ResponseCode.SUCCESS })
  expect(await other.send('Orders', 'after')).toMatchObject({ code: ResponseCode.SUCCESS })
  // What reached the socket while nobody read it has been read since.
  expect((await broker.waitForMessages('Orders', 5)).map(({ text }) => text)).toContain('on a new one')
})

test('a connection that is cut fails what waits on it, and the next request makes a new one', async () => {
  await using broker = await startTestBroker({ topics: ['Orders'] })
  await using client = new RawClient(broker)
  await client.send('Orders', 'before')
  broker.pause()
  const sending = client.send('Orders', 'cut')
  const failed = expect(sending).rejects.toMatchObject({ code: 'REMOTING_SEND_REQUEST' })
  broker.disconnectClients()
  await failed
  broker.resume()
  expect(await client.send('Orders', 'after')).toMatchObject({ code: ResponseCode.SUCCESS })
  expect((await broker.messages('Orders')).map(({ text }) => text)).toEqual(['before', 'after'])
})
