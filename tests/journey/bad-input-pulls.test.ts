import { randomBytes } from 'node:crypto'
import type { RemotingCommand } from '@mq/remoting'
import { decodeKVTable, GetBrokerRuntimeInfo, PullMessage, readRecords, ResponseCode } from '@mq/remoting'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { ConsumingCluster, pullOfOrders } from './consuming-cluster.js'
import { RawPeer, rawRequest } from './raw-peer.js'

const count = 40

let cluster: ConsumingCluster
const defects: unknown[] = []
const onDefect = (cause: unknown): number => defects.push(cause)

beforeAll(async () => {
  process.on('unhandledRejection', onDefect).on('uncaughtException', onDefect)
  cluster = await ConsumingCluster.start()
  await cluster.makeTopic('Orders', 2)
  await cluster.sendInOrder(Array.from({ length: count }, (_, index) => String(index)))
})
afterAll(async () => {
  await cluster[Symbol.asyncDispose]()
  process.off('unhandledRejection', onDefect).off('uncaughtException', onDefect)
})
afterEach(async () => {
  expect(bodiesOf(await cluster.pull({ maxMsgNums: 2 }))).toEqual(['0', '1'])
  expect(defects).toEqual([])
})

const bodiesOf = ({ body }: RemotingCommand): string[] =>
  body === undefined ? [] : readRecords(body).map((message) => String(message.body))

describe('a pull', () => {
  it.each<[string, Parameters<ConsumingCluster['pull']>[0], number]>([
    ['of an unknown topic', { topic: 'Nowhere' }, ResponseCode.TOPIC_NOT_EXIST],
    ['of a topic without a name', { topic: '' }, ResponseCode.TOPIC_NOT_EXIST],
    ['of a topic that means something in JavaScript', { topic: '__proto__' }, ResponseCode.TOPIC_NOT_EXIST],
    ['of a topic that leads out of the store', { topic: '../../etc' }, ResponseCode.TOPIC_NOT_EXIST],
    ['of a queue behind the last', { queueId: 2 }, ResponseCode.INVALID_PARAMETER],
    ['of a queue before the first', { queueId: -1 }, ResponseCode.INVALID_PARAMETER],
    ['of the highest queue there can be', { queueId: 2_147_483_647 }, ResponseCode.INVALID_PARAMETER],
    ['of a group without heartbeats that brings no subscription', { sysFlag: 0 }, ResponseCode.SUBSCRIPTION_NOT_EXIST],
    ['with an expression of bars only', { subscription: ' || || ' }, ResponseCode.SUBSCRIPTION_PARSE_FAILED],
    ['with an expression of no type there is', { expressionType: 'XPATH' }, ResponseCode.SUBSCRIPTION_PARSE_FAILED],
    ['with SQL of nothing', { expressionType: 'SQL92', subscription: '' }, ResponseCode.SUBSCRIPTION_PARSE_FAILED],
  ])('%s is refused', async (_, header, code) => {
    const answered = await cluster.pull(header)
    expect(answered.code).toBe(code)
    expect(answered.remark).not.toBe('')
    expect(answered.body).toBeUndefined()
  })

  it('of a group that must be created first is refused where groups are not created by themselves', async () => {
    await using strict = await ConsumingCluster.start({ autoCreateSubscriptionGroup: false })
    await strict.makeTopic('Orders', 1)
    const answered = await strict.pull()
    expect(answered.code).toBe(ResponseCode.SUBSCRIPTION_GROUP_NOT_EXIST)
    expect(answered.remark).toContain('billing')
  })

  it.each(['', '../../x', 'a b', '__proto__', 'g'.repeat(300)])(
    'of the group "%s" is answered',
    async (consumerGroup) => {
      const answered = await cluster.pull({ consumerGroup })
      expect([ResponseCode.SUCCESS, ResponseCode.SUBSCRIPTION_GROUP_NOT_EXIST]).toContain(answered.code)
    },
  )

  const { PULL_OFFSET_MOVED, PULL_NOT_FOUND } = ResponseCode
  it.each<
    [string, { queueId?: number; queueOffset: number }, { code: number; remark: string; nextBeginOffset: number }]
  >([
    [
      'one behind the last message',
      { queueOffset: count },
      { code: PULL_NOT_FOUND, remark: 'OFFSET_OVERFLOW_ONE', nextBeginOffset: count },
    ],
    [
      'far behind the last message',
      { queueOffset: count + 1 },
      { code: PULL_OFFSET_MOVED, remark: 'OFFSET_OVERFLOW_BADLY', nextBeginOffset: count },
    ],
    [
      'at the end of numbers',
      { queueOffset: Number.MAX_SAFE_INTEGER },
      { code: PULL_OFFSET_MOVED, remark: 'OFFSET_OVERFLOW_BADLY', nextBeginOffset: count },
    ],
    [
      'before the first message',
      { queueOffset: -1 },
      { code: PULL_OFFSET_MOVED, remark: 'OFFSET_TOO_SMALL', nextBeginOffset: 0 },
    ],
    [
      'at the start of numbers',
      { queueOffset: -Number.MAX_SAFE_INTEGER },
      { code: PULL_OFFSET_MOVED, remark: 'OFFSET_TOO_SMALL', nextBeginOffset: 0 },
    ],
    [
      'at the start of an empty queue',
      { queueId: 1, queueOffset: 0 },
      { code: PULL_NOT_FOUND, remark: 'NO_MESSAGE_IN_QUEUE', nextBeginOffset: 0 },
    ],
    [
      'in an empty queue',
      { queueId: 1, queueOffset: 7 },
      { code: PULL_OFFSET_MOVED, remark: 'NO_MESSAGE_IN_QUEUE', nextBeginOffset: 0 },
    ],
  ])('%s is told where to go on', async (_, header, { nextBeginOffset, ...answer }) => {
    const answered = await cluster.pull(header)
    expect(answered).toMatchObject(answer)
    expect(PullMessage.responseHeader.decode(answered.extFields)).toMatchObject({ nextBeginOffset })
  })

  it.each([
    [2_147_483_647, 32],
    [33, 32],
    [1, 1],
    [0, 1],
    [-2_147_483_648, 1],
  ])('for %i messages gets %i', async (maxMsgNums, expected) => {
    expect(bodiesOf(await cluster.pull({ maxMsgNums }))).toHaveLength(expected)
  })

  it.each(['queueOffset', 'queueId', 'maxMsgNums', 'sysFlag', 'commitOffset', 'suspendTimeoutMillis', 'subVersion'])(
    'whose %s is no number is a system error that names it',
    async (field) => {
      using peer = await RawPeer.connect(cluster.broker.address)
      for (const text of ['', 'x', '1.5', '1e3', '99999999999999999999999']) {
        const fields = { ...PullMessage.requestHeader.encode(pullOfOrders), [field]: text }
        const answered = await peer.ask(rawRequest(PullMessage.code, fields))
        expect([field, text, answered?.code]).toEqual([field, text, ResponseCode.SYSTEM_ERROR])
        expect(answered?.remark).toContain(field)
      }
    },
  )

  it.each([-1, 0, 2 ** 40, Number.MAX_SAFE_INTEGER])(
    'that would wait for %d ms is answered when the broker closes at the latest',
    async (suspendTimeoutMillis) => {
      await using other = await ConsumingCluster.start()
      await other.makeTopic('Orders', 1)
      using peer = await RawPeer.connect(other.broker.address)
      const fields = PullMessage.requestHeader.encode({ ...pullOfOrders, sysFlag: 6, suspendTimeoutMillis })
      const opaque = peer.send(rawRequest(PullMessage.code, fields))
      await peer.ask(rawRequest(0))
      await Promise.all([peer.answerTo(opaque), other.broker.close()])
      const answered = await peer.answerTo(opaque)
      expect(answered?.code).toBe(ResponseCode.PULL_NOT_FOUND)
    },
  )
})

it('a peer that pipelines pulls and reads no answer makes the broker read for a few of them, and is answered all once it reads', async () => {
  // What the kernel takes for a socket is less than 16 MiB.
  const [pulls, sizeBytes, mostRead] = [200, 524_288, 60]
  await cluster.sendInOrder([randomBytes(sizeBytes)], 1)
  const messagesRead = async (): Promise<number> => {
    const { body } = await cluster.remoting.invoke(
      cluster.broker.address,
      GetBrokerRuntimeInfo,
      {},
      { timeoutMs: 10_000 },
    )
    return Number(decodeKVTable(body!).table.get('msgGetTotalTodayNow'))
  }
  const before = await messagesRead()
  using peer = await RawPeer.connect(cluster.broker.address)
  peer.socket.pause()
  const fields = PullMessage.requestHeader.encode({ ...pullOfOrders, queueId: 1 })
  const opaques = Array.from({ length: pulls }, () => peer.send(rawRequest(PullMessage.code, fields)))
  // The broker goes on reading for as long as each look at it finds more.
  let read = 0
  for (let unchanged = 0; unchanged < 20; ) {
    const now = (await messagesRead()) - before
    unchanged = now === read && now > 0 ? unchanged + 1 : 0
    read = now
  }
  expect(read).toBeLessThan(mostRead)
  peer.socket.resume()
  for (const opaque of opaques) expect((await peer.answerTo(opaque))?.code).toBe(ResponseCode.SUCCESS)
})
