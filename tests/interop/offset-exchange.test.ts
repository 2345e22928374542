import { DefaultMQProducer } from '@mq/client'
import { NameServer } from '@mq/namesrv'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { Programs } from '../journey/programs.js'
import { DisposalStack } from './disposal-stack.js'
import { freeBrokerPort } from './free-port.js'
import { eventually, GroupProgress } from './group-progress.js'
import { JavaBroker, type JavaBrokerOptions } from './java-broker.js'
import { JavaConsumers } from './java-consumers.js'
import type { JavaMessage } from './java-reader.js'
import { hasJava } from './java-presence.js'
import { Mqadmin } from './mqadmin.js'
import { OurBrokerProcess } from './our-broker-process.js'
import { TemporaryFolder } from './temporary-folder.js'

type Maker = 'java' | 'ours'

const makers: readonly Maker[] = ['java', 'ours', 'java']

const topic = 'Carried'
const group = 'carried'
const settings = ['-r', '7', '-q', '2']
// The second level outlives a turn; retries ask for it, too.
const longLevel = 2
const delays = { messageDelayLevel: '1s 5s 1s 1s 1s 1s' }

describe.skipIf(!hasJava)('one store, in turns', () => {
  let programs: Programs | undefined

  beforeAll(async () => {
    programs = await Programs.build()
  })
  afterAll(() => programs?.[Symbol.asyncDispose]())

  test('the broker of the other make goes on with the groups, their offsets, the delayed messages and the retries', async () => {
    await using stack = new DisposalStack()
    const storePathRootDir = stack.use(new TemporaryFolder()).path
    const { address: namesrvAddr } = stack.use(await NameServer.start({ listenPort: 0 }))
    const listenPort = await freeBrokerPort()
    const broker = { namesrvAddr, brokerName: 'first', storePathRootDir, listenPort, configuration: delays }
    const mqadmin = stack.use(await Mqadmin.start(namesrvAddr))
    const consumers = stack.use(await JavaConsumers.start(namesrvAddr))

    let left: readonly string[] = []
    for (const [turn, maker] of makers.entries()) {
      const isLast = turn === makers.length - 1
      left = await takeTurn({ turn, isLast, maker, broker, programs: programs!, mqadmin, consumers, left })
    }
  })
})

interface Turn {
  readonly turn: number
  /** Nobody needs what it leaves. */
  readonly isLast: boolean
  readonly maker: Maker
  readonly broker: JavaBrokerOptions & { readonly namesrvAddr: string }
  readonly programs: Programs
  readonly mqadmin: Mqadmin
  readonly consumers: JavaConsumers
  /** The deliveries that the turn before left for this one. */
  readonly left: readonly string[]
}

/** Consumes exactly what was left, leaves something of each kind, and ends; resolves with the deliveries it leaves. */
async function takeTurn({ turn, isLast, maker, left, mqadmin, consumers, ...rest }: Turn): Promise<readonly string[]> {
  const start = {
    java: () => JavaBroker.start(rest.broker),
    ours: () => OurBrokerProcess.start(rest.programs, rest.broker),
  }
  await using broker = await start[maker]()
  if (turn === 0) {
    await mqadmin.run('updateTopic', '-b', broker.address, '-t', topic, '-r', '4', '-w', '4')
    await mqadmin.run('updateSubGroup', '-b', broker.address, '-g', group, ...settings)
  }
  const { lines } = await mqadmin.run('getConsumerConfig', '-g', group)
  expect(lines.map((line) => line.replace(/ += +/, '='))).toEqual(
    expect.arrayContaining(['retryMaxTimes=7', 'retryQueueNums=2', 'consumeBroadcastEnable=false']),
  )

  await using producer = new DefaultMQProducer({ producerGroup: `turn-${turn}`, namesrvAddr: rest.broker.namesrvAddr })
  await producer.start()
  await using progress = new GroupProgress(broker.address)
  const consumer = await consumers.push({
    ...{ kind: 'concurrent', group, topic },
    ...{ failures: 1, failing: 'fails', delayLevel: longLevel },
  })
  await vi.waitFor(async () => {
    const delivered = (await consumer.deliveries(left.length)).map(delivery)
    expect(delivered.toSorted()).toEqual(left.toSorted())
  }, eventually)

  await producer.send({ topic, body: `fails in turn ${turn}` })
  await producer.send({ topic, body: `delayed in turn ${turn}`, delayTimeLevel: longLevel })
  await consumer.deliveries(left.length + 1)
  await progress.untilConsumed(group, topic)
  await consumer.stop()
  const bodies = Array.from({ length: 8 }, (_, index) => `unconsumed in turn ${turn}: ${index}`)
  for (const body of bodies) await producer.send({ topic, body })
  expect((await consumer.deliveries(0)).map(delivery).slice(left.length)).toEqual([`fails in turn ${turn} 0`])
  if (!isLast) await broker.stop()
  return [...bodies.map((body) => `${body} 0`), `fails in turn ${turn} 1`, `delayed in turn ${turn} 0`]
}

function delivery({ body, reconsumeTimes }: JavaMessage): string {
  return `${body.toString()} ${reconsumeTimes}`
}
