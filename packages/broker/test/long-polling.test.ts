import {
  createRequest,
  DeleteTopicInBroker,
  PullMessage,
  type PullMessageRequest,
  type RemotingClient,
  type RemotingCommand,
  readRecords,
  ResponseCode,
} from '@mq/remoting'
import { DefaultMessageStore, type GetMessageRequest, type GetMessageResult } from '@mq/store'
import { describe, expect, test } from 'vitest'
import { properties, pullHeader, SimulatedBroker, smallFiles, storePath } from './simulated-broker.js'

/** A pull that waits 15 s for the message after the last. */
const waiting = { ...pullHeader, sysFlag: 6, suspendTimeoutMillis: 15_000 } as const

interface Waiting {
  readonly answered: Promise<RemotingCommand>
  isAnswered: boolean
}

/** Sends a pull and lets it reach the broker. */
async function wait(
  rig: SimulatedBroker,
  header: Partial<PullMessageRequest> = {},
  client: RemotingClient = rig.client,
): Promise<Waiting> {
  const request = createRequest(PullMessage, { ...waiting, ...header })
  const answered = client.invokeSync(rig.broker.address, request, { timeoutMs: 30_000 })
  const state: Waiting = { answered, isAnswered: false }
  const settle = (): void => {
    state.isAnswered = true
  }
  answered.then(settle, settle)
  await rig.runtime.advance(100)
  return state
}

function bodies({ body }: RemotingCommand): string[] {
  return body === undefined ? [] : readRecords(body).map((message) => message.body.toString())
}

async function withTopic(options: Parameters<typeof SimulatedBroker.started>[0] = {}): Promise<SimulatedBroker> {
  const rig = await SimulatedBroker.started(options)
  await rig.send({}, 'm0')
  return rig
}

describe('a pull that waits', () => {
  test('is answered with the message that arrives, at once', async () => {
    await using rig = await withTopic()
    const pull = await wait(rig, { queueOffset: 1 })
    expect(pull.isAnswered).toBe(false)
    const startMs = rig.runtime.clock.monotonic()
    await rig.send({}, 'm1')
    const answered = await rig.run(pull.answered)
    expect(bodies(answered)).toEqual(['m1'])
    expect(answered).toMatchObject({ code: ResponseCode.SUCCESS, extFields: { nextBeginOffset: '2' } })
    expect(rig.runtime.clock.monotonic() - startMs).toBeLessThan(50)
  })

  test('in a queue that has never had a message is answered with its first', async () => {
    await using rig = await withTopic()
    const pull = await wait(rig, { queueId: 2 })
    await rig.send({ queueId: 2 }, 'first')
    expect(bodies(await rig.run(pull.answered))).toEqual(['first'])
  })

  test('gets all messages that arrive in one turn', async () => {
    await using rig = await withTopic()
    const pull = await wait(rig, { queueOffset: 1 })
    const store = rig.broker.messageStore
    const puts = ['m1', 'm2', 'm3'].map((body) => store.asyncPutMessage({ topic: 'Orders', queueId: 0, body }))
    await rig.run(Promise.all(puts))
    expect(bodies(await rig.run(pull.answered))).toEqual(['m1', 'm2', 'm3'])
  })

  test('misses no message that arrives between the read and the wait', async () => {
    await using rig = new SimulatedBroker()
    const options = { storePathRootDir: storePath, ...smallFiles, runtime: rig.host('10.0.1.1') }
    const store = await rig.run(DefaultMessageStore.open({ ...options, fileSystem: rig.fileSystem }))
    let isLate = false
    const lateStore = new Proxy(store, {
      get(target, name) {
        const member: unknown = Reflect.get(target, name, target)
        if (typeof member !== 'function') return member
        if (name !== 'getMessage') return member.bind(target) as unknown
        return async (request: GetMessageRequest): Promise<GetMessageResult> => {
          const found = await target.getMessage(request)
          if (isLate) await target.asyncPutMessage({ topic: 'Orders', queueId: 0, body: 'late' })
          isLate = false
          return found
        }
      },
    })
    await rig.start({ messageStore: lateStore })
    await rig.send({}, 'm0')
    isLate = true
    const pull = await wait(rig, { queueOffset: 1 })
    expect(pull.isAnswered).toBe(true)
    expect(bodies(await pull.answered)).toEqual(['late'])
  })

  test('sleeps through messages of other queues, topics and tags', async () => {
    await using rig = await withTopic()
    const pull = await wait(rig, { queueOffset: 1, subscription: 'red' })
    await rig.send({ queueId: 1 })
    await rig.send({ topic: 'Payments' })
    await rig.send({ properties: properties({ TAGS: 'green' }) }, 'green')
    expect(pull.isAnswered).toBe(false)
    await rig.send({ properties: properties({ TAGS: 'red' }) }, 'red')
    expect(bodies(await rig.run(pull.answered))).toEqual(['red'])
  })

  test('that slept through messages it does not want is told within 5 s where to go on', async () => {
    await using rig = await withTopic()
    const pull = await wait(rig, { queueOffset: 1, subscription: 'red' })
    for (let sent = 0; sent < 3; sent++) await rig.send({ properties: properties({ TAGS: 'green' }) })
    await rig.runtime.advance(5000)
    expect(pull.isAnswered).toBe(true)
    expect(await pull.answered).toMatchObject({
      code: ResponseCode.PULL_RETRY_IMMEDIATELY,
      remark: 'NO_MATCHED_MESSAGE',
      extFields: { nextBeginOffset: '4' },
    })
  })

  test('is answered PULL_NOT_FOUND when its time is over, and not before', async () => {
    await using rig = await withTopic()
    const startMs = rig.runtime.clock.monotonic()
    const pull = await wait(rig, { queueOffset: 1 })
    const answered = await rig.run(pull.answered)
    expect(answered).toMatchObject({ code: ResponseCode.PULL_NOT_FOUND, remark: 'OFFSET_OVERFLOW_ONE' })
    expect(rig.runtime.clock.monotonic() - startMs).toBeGreaterThanOrEqual(15_000)
    expect(rig.runtime.clock.monotonic() - startMs).toBeLessThan(15_100)
  })

  test('waits only shortPollingTimeMills where long polling is off', async () => {
    await using rig = await withTopic({ longPollingEnable: false, shortPollingTimeMills: 700 })
    const startMs = rig.runtime.clock.monotonic()
    const pull = await wait(rig, { queueOffset: 1 })
    expect((await rig.run(pull.answered)).code).toBe(ResponseCode.PULL_NOT_FOUND)
    expect(rig.runtime.clock.monotonic() - startMs).toBeLessThan(800)
  })

  test.each([
    { what: 'does not ask for it', header: { sysFlag: 4 }, code: ResponseCode.PULL_NOT_FOUND },
    { what: 'says no time', header: { suspendTimeoutMillis: 0 }, code: ResponseCode.PULL_NOT_FOUND },
    { what: 'says a negative time', header: { suspendTimeoutMillis: -1 }, code: ResponseCode.PULL_NOT_FOUND },
    { what: 'is past the end', header: { queueOffset: 7 }, code: ResponseCode.PULL_OFFSET_MOVED },
  ])('is answered at once when it $what', async ({ header, code }) => {
    await using rig = await withTopic()
    const pull = await wait(rig, { queueOffset: 1, ...header })
    expect(pull.isAnswered).toBe(true)
    expect((await pull.answered).code).toBe(code)
  })

  test('is answered at once beyond maxHeldPullRequests, and there is room again when one was answered', async () => {
    await using rig = await withTopic({ maxHeldPullRequests: 2 })
    const pulls = [await wait(rig, { queueOffset: 1 }), await wait(rig, { queueId: 1 })]
    const refused = await wait(rig, { queueId: 2 })
    expect(refused.isAnswered).toBe(true)
    expect((await refused.answered).code).toBe(ResponseCode.PULL_NOT_FOUND)
    await rig.send({ queueId: 1 })
    expect(pulls.map((pull) => pull.isAnswered)).toEqual([false, true])
    expect((await wait(rig, { queueId: 2 })).isAnswered).toBe(false)
  })

  test('frees its place when its connection closes', async () => {
    await using rig = await withTopic({ maxHeldPullRequests: 1 })
    const gone = rig.newClient()
    const pull = await wait(rig, { queueOffset: 1 }, gone)
    await rig.run(gone.close())
    await rig.runtime.advance(100)
    expect(pull.isAnswered).toBe(true)
    await expect(pull.answered).rejects.toThrow()
    expect((await wait(rig, { queueOffset: 1 })).isAnswered).toBe(false)
  })

  test('is answered when the broker stops, which then takes no time', async () => {
    const rig = await withTopic()
    const pull = await wait(rig, { queueOffset: 1 })
    const startMs = rig.runtime.clock.monotonic()
    await rig.run(rig.broker.close())
    expect((await rig.run(pull.answered)).code).toBe(ResponseCode.PULL_NOT_FOUND)
    expect(rig.runtime.clock.monotonic() - startMs).toBeLessThan(1000)
    await rig.close()
  })

  test('is answered by the checks when its topic is gone meanwhile', async () => {
    await using rig = await withTopic()
    const pull = await wait(rig, { queueOffset: 1 })
    await rig.call(DeleteTopicInBroker, { topic: 'Orders' })
    expect((await rig.run(pull.answered)).code).toBe(ResponseCode.TOPIC_NOT_EXIST)
  })
})
