import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Broker } from '@mq/broker'
import {
  decodeConsumerOffsetTable,
  decodeDelayOffsetTable,
  GetAllConsumerOffset,
  GetAllDelayOffset,
  RemotingClient,
  SendMessage,
  UpdateConsumerOffset,
} from '@mq/remoting'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'

const timeoutMs = 10_000
/** Bytes from one cut to the next; a prime, so that cuts fall on every kind of character. */
const step = 7

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mq-torn-'))
  // Offsets beyond the end of a level's queue would be corrected.
  const broker = await startBroker()
  await using remoting = new RemotingClient()
  for (const level of levels) {
    const header = { ...delayedSend, properties: `DELAY\u0001${level}\u0002` }
    for (let sent = 0; sent < 10; sent++) {
      await remoting.invoke(broker.address, SendMessage, header, { timeoutMs, body: Buffer.from('x') })
    }
  }
  await broker.close()
})
afterEach(async () => {
  for (const name of await readdir(join(folder, 'config'))) if (name.includes('Offset')) await rm(file(name))
})
afterAll(() => rm(folder, { recursive: true }))

const levels = [1, 3, 18]
const delayedSend = {
  producerGroup: 'p',
  topic: 'Orders',
  defaultTopic: 'TBW102',
  defaultTopicQueueNums: 2,
  queueId: 0,
  sysFlag: 0,
  bornTimestamp: 0,
  flag: 0,
} as const

const startBroker = (): Promise<Broker> =>
  Broker.start({
    brokerName: 'a',
    listenPort: 0,
    storePathRootDir: folder,
    mappedFileSizeCommitLog: 65_536,
    messageDelayLevel: '2h '.repeat(18).trim(),
    maxHashSlotNum: 100,
    maxIndexNum: 400,
  })

/** What a broker that starts on the folder knows of offsets. */
async function offsetsOf({ address }: Broker): Promise<{ consumers: unknown; delays: unknown }> {
  await using remoting = new RemotingClient()
  const consumers = await remoting.invoke(address, GetAllConsumerOffset, {}, { timeoutMs })
  const delays = await remoting.invoke(address, GetAllDelayOffset, {}, { timeoutMs })
  return {
    consumers: Object.fromEntries(
      [...decodeConsumerOffsetTable(consumers.body!).offsetTable].map(([key, queues]) => [
        key,
        Object.fromEntries(queues),
      ]),
    ),
    delays: Object.fromEntries(decodeDelayOffsetTable(delays.body!).offsetTable),
  }
}

const file = (name: string): string => join(folder, 'config', name)

/** Files as Java 5.4.0 lays them out, in which groups and levels are so many messages further than at 0. */
function tables(ahead: number): Readonly<Record<string, string>> {
  const dataVersion = `"dataVersion":{\n\t\t"counter":${2 + ahead},\n\t\t"stateVersion":0,\n\t\t"timestamp":1767225600000\n\t}`
  const groups = ['billing', 'shipping'].map(
    (group) => `"Orders@${group}":{${[0, 1].map((queueId) => `${queueId}:${10 + queueId + ahead}`).join(',')}\n\t\t}`,
  )
  return {
    'consumerOffset.json': `{\n\t${dataVersion},\n\t"offsetTable":{\n\t\t${groups.join(',\n\t\t')}\n\t}\n}`,
    'delayOffset.json': `{\n\t${dataVersion},\n\t"offsetTable":{1:${1 + ahead},3:${2 + ahead},18:${3 + ahead}\n\t}\n}`,
  }
}

const tablesRead = (ahead: number): unknown => ({
  consumers: {
    'Orders@billing': { 0: 10 + ahead, 1: 11 + ahead },
    'Orders@shipping': { 0: 10 + ahead, 1: 11 + ahead },
  },
  delays: { 1: 1 + ahead, 3: 2 + ahead, 18: 3 + ahead },
})

const [newest, backup] = [tables(5), tables(0)]
const longest = Math.max(...Object.values(newest).map((text) => text.length))

describe('offset files that are torn', () => {
  it('anywhere give way to their backups: every group and level has its offset, and the next write makes the files whole', async () => {
    for (let length = 0; length < longest; length += step) {
      for (const [name, text] of Object.entries(newest)) {
        // Never whole, whichever of the two is longer.
        await writeFile(file(name), text.slice(0, Math.min(length, text.length - 1)))
        await writeFile(file(`${name}.bak`), backup[name]!)
      }
      await using broker = await startBroker()
      expect([length, await offsetsOf(broker)]).toEqual([length, tablesRead(0)])
    }
    const broker = await startBroker()
    await using remoting = new RemotingClient()
    const header = { consumerGroup: 'TOOLS_CONSUMER', topic: 'Orders', queueId: 0, commitOffset: 3 }
    await remoting.invoke(broker.address, UpdateConsumerOffset, header, { timeoutMs })
    await broker.close()
    // And the file that was torn has not become the backup.
    for (const name of ['consumerOffset.json', 'consumerOffset.json.bak']) {
      const { offsetTable } = decodeConsumerOffsetTable(await readFile(file(name)))
      expect(offsetTable.get('Orders@billing')?.get(1)).toBe(11)
    }
  })

  it.each(['', '\u0000'.repeat(200), '[]', 'null', '"text"', '{"offsetTable":[]', '\ufeff{'])(
    'so that they hold %j give way to their backups',
    async (text) => {
      for (const [name, whole] of Object.entries(backup)) {
        await writeFile(file(name), text)
        await writeFile(file(`${name}.bak`), whole)
      }
      await using broker = await startBroker()
      expect(await offsetsOf(broker)).toEqual(tablesRead(0))
    },
  )

  it.each(Object.keys(newest))('without a backup keep the broker from starting, which names %s', async (name) => {
    await writeFile(file(name), newest[name]!.slice(0, 100))
    await expect(startBroker()).rejects.toMatchObject({
      code: 'BROKER_CONFIG_FILE_UNREADABLE',
      message: expect.stringContaining(name) as string,
    })
    await writeFile(file(name), newest[name]!)
    await (await startBroker()).close()
  })
})

describe('offset files of another version', () => {
  it.each<[string, string, string]>([
    ['without versions', '{"offsetTable":{"Orders@billing":{0:5,1:6}}}', '{"offsetTable":{3:7}}'],
    [
      'with members nobody knows here',
      '{"dataVersion":{"counter":1,"more":{}},"lmqOffsetTable":{"%LMQ%x@g":3},"pullOffsetTable":{"Orders@billing":{0:99}},"offsetTable":{"Orders@billing":{0:5,1:6}},"resetOffsetTable":{}}',
      '{"dataVersion":{"more":[1]},"offsetTable":{3:7},"levels":{"3":"10s"}}',
    ],
    [
      'with keys and numbers as text',
      '{"offsetTable":{"Orders@billing":{"0":"5","1":"6"}}}',
      '{"offsetTable":{"3":"7"}}',
    ],
    [
      'with entries that mean nothing',
      '{"dataVersion":7,"offsetTable":{"Orders@billing":{0:5,1:6,"x":1,"2":null,"3":{}},"Orders@gone":null,"a":[]}}',
      '{"dataVersion":null,"offsetTable":{3:7,"x":1,"4":null}}',
    ],
  ])('%s are read: groups and levels are where they were', async (_, consumers, delays) => {
    await writeFile(file('consumerOffset.json'), consumers)
    await writeFile(file('delayOffset.json'), delays)
    await using broker = await startBroker()
    expect(await offsetsOf(broker)).toEqual({
      consumers: { 'Orders@billing': { 0: 5, 1: 6 } },
      delays: { 1: 0, 3: 7, 18: 0 },
    })
  })
})
