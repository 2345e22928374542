import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { DefaultMQPushConsumer } from '@mq/client'
import {
  createRequest,
  decodeConsumerOffsetTable,
  QueryConsumerOffset,
  RemotingClient,
  ResponseCode,
} from '@mq/remoting'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { Programs, type ReadyBroker } from '../journey/programs.js'
import { ConsumptionLedger, isDelayed, nothingMissed } from './consumption-ledger.js'
import { makeTopic, sendUnderLoad, topic } from './load.js'
import { MessageLedger } from './message-ledger.js'

const cycles = Number(process.env['MQ_CRASH_CYCLES'] ?? 4)
const consumerGroup = 'crash-readers'
const queueCount = 4

let programs: Programs
let folder: string

beforeAll(async () => {
  programs = await Programs.build()
}, 120_000)
afterAll(() => programs[Symbol.asyncDispose]())
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mq-consumer-kill-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

/** Where the group is in each queue. */
async function groupOffsets({ brokerAddr }: ReadyBroker): Promise<number[]> {
  await using remoting = new RemotingClient()
  const offsets: number[] = []
  for (let queueId = 0; queueId < queueCount; queueId++) {
    const request = createRequest(QueryConsumerOffset, { consumerGroup, topic, queueId, setZeroIfNotFound: false })
    const { code, extFields } = await remoting.invokeSync(brokerAddr, request, { timeoutMs: 10_000 })
    offsets.push(code === ResponseCode.SUCCESS ? QueryConsumerOffset.responseHeader.decode(extFields).offset : 0)
  }
  return offsets
}

/** Waits until the broker has written how far the group is in the topic. */
async function offsetsWritten(): Promise<void> {
  for (;;) {
    const text = await readFile(join(folder, 'config', 'consumerOffset.json')).catch(() => Buffer.from('{}'))
    const queues = decodeConsumerOffsetTable(text).offsetTable.get(`${topic}@${consumerGroup}`)
    if ([...(queues?.values() ?? [])].some((offset) => offset > 0)) return
    await nextTurn()
  }
}

async function startConsumer(
  { namesrvAddr }: ReadyBroker,
  consumed: ConsumptionLedger,
): Promise<DefaultMQPushConsumer> {
  const consumer = new DefaultMQPushConsumer({
    consumerGroup,
    namesrvAddr,
    consumeFromWhere: 'CONSUME_FROM_FIRST_OFFSET',
    persistConsumerOffsetInterval: 100,
  })
  consumer.subscribe(topic)
  consumer.listen(consumed.handle)
  await consumer.start()
  return consumer
}

describe.each(['ASYNC_FLUSH', 'SYNC_FLUSH'])(
  'a broker with %s that is killed while a group consumes under load',
  (flushDiskType) => {
    const settings = [`flushDiskType=${flushDiskType}`, 'flushConsumerOffsetInterval=50', 'flushDelayOffsetInterval=50']

    it('has passed nothing over when it is back: what was acknowledged is handled, what waited for a delay or a retry too', {
      timeout: 120_000,
    }, async () => {
      const start = (): Promise<ReadyBroker> =>
        programs.readyBroker(['--store', folder, ...settings.flatMap((setting) => ['--set', setting])])
      const sent = new MessageLedger([200, 900, 20, 1500])
      const consumed = new ConsumptionLedger(sent)
      const atKills = { delayed: 0, retries: 0 }
      for (let cycle = 0; cycle < cycles; cycle++) {
        const broker = await start()
        await using program = broker.program
        if (cycle === 0) await makeTopic(broker.namesrvAddr, queueCount)
        consumed.brokerCameBack(await groupOffsets(broker))
        const consumer = await startConsumer(broker, consumed)
        const load = new AbortController()
        const sending = sendUnderLoad({
          ...broker,
          ledger: sent,
          concurrency: 2,
          signal: load.signal,
          messageOf: (number) => (isDelayed(number) ? { delayTimeLevel: 1 } : {}),
          onAcknowledged: () => undefined,
        })
        await consumed.untilHandled(consumed.handledCount + 200 + Math.floor(Math.random() * 200))
        await offsetsWritten()
        program.signal('SIGKILL')
        load.abort()
        atKills.delayed += consumed.pending.delayed
        atKills.retries += consumed.pending.retries
        expect((await sending).failures).toEqual([])
        await program.ended
        consumed.brokerDied()
        await consumer.close()
      }
      const broker = await start()
      await using _ = broker.program
      const offsets = await groupOffsets(broker)
      consumed.brokerCameBack(offsets)
      expect(consumed.discrepancies).toEqual(nothingMissed)
      const consumer = await startConsumer(broker, consumed)
      await consumed.untilNothingIsPending()
      await consumer.close()
      expect(consumed.discrepancies).toEqual(nothingMissed)
      // There was something to lose.
      expect(atKills.delayed).toBeGreaterThan(0)
      expect(atKills.retries).toBeGreaterThan(0)
      expect(Math.max(...offsets)).toBeGreaterThan(0)
    })
  },
)
