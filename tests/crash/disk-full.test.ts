import { existsSync } from 'node:fs'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DefaultMQPushConsumer } from '@mq/client'
import { ResponseCode } from '@mq/remoting'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Watched } from '../journey/consuming-cluster.js'
import { Programs, type ReadyBroker } from '../journey/programs.js'
import { storedMessages } from '../journey/stored-messages.js'
import { makeTopic, sendUnderLoad, topic } from './load.js'
import { MessageLedger, nothingBroken } from './message-ledger.js'
import { Volume } from './volume.js'

const mebibyte = 1024 * 1024

let programs: Programs

beforeAll(async () => {
  programs = await Programs.build()
}, 120_000)
afterAll(() => programs[Symbol.asyncDispose]())

describe.each(['ASYNC_FLUSH', 'SYNC_FLUSH'])('a broker with %s whose disk becomes full', (flushDiskType) => {
  const start = (store: string): Promise<ReadyBroker> => {
    const settings = [`flushDiskType=${flushDiskType}`, 'mappedFileSizeCommitLog=8388608']
    return programs.readyBroker(['--store', store, ...settings.flatMap((setting) => ['--set', setting])])
  }

  it('refuses sends and serves consumers, and with room again a restart has every acknowledged message', {
    timeout: 120_000,
  }, async ({ skip }) => {
    await using volume = await Volume.inMemory(40 * mebibyte)
    if (volume === undefined) return skip('mount')
    const [store, ballast] = [join(volume.path, 'store'), join(volume.path, 'ballast')]
    await writeFile(ballast, Buffer.alloc(16 * mebibyte))
    const ledger = new MessageLedger()
    {
      const { program, namesrvAddr } = await start(store)
      await using _ = program
      const received = new Watched<number | undefined>()
      await using consumer = new DefaultMQPushConsumer({
        consumerGroup: 'readers',
        namesrvAddr,
        // A queue may have its first messages before the consumer has asked where it ends.
        consumeFromWhere: 'CONSUME_FROM_FIRST_OFFSET',
      })
      consumer.subscribe(topic)
      consumer.listen((message) => received.add(ledger.numberOf(message)))
      await makeTopic(namesrvAddr)
      await consumer.start()
      const load = { namesrvAddr, ledger, onAcknowledged: () => undefined }
      await sendUnderLoad({ ...load, onFailed: () => 'stop' })
      expect(ledger.acknowledgedCount).toBeGreaterThan(100)
      const { failures } = await sendUnderLoad({ ...load, concurrency: 1, onFailed: () => 'stop' })
      expect(failures).toEqual([
        expect.objectContaining({ responseCode: ResponseCode.SERVICE_NOT_AVAILABLE }) as unknown,
      ])
      expect(ledger.compare(await storedMessages(namesrvAddr, topic))).toEqual(nothingBroken)
      // What was pulled before the disk was full and after.
      await received.until((seen) => [...ledger.acknowledgedNumbers].every((number) => seen.has(number)))
      expect([...received.seen]).not.toContain(undefined)
      await consumer.close()
      program.signal('SIGTERM')
      // The offsets of the group could not be written either, which is the one thing the end says of them.
      const { code, stderr } = await program.ended
      expect(code).toBe(1)
      expect(stderr).toMatch(/consumerOffset\.json could not be written.*BROKER_CONFIG_FILE_UNWRITABLE/)
      // Not everything could be made durable: the next start has to look.
      expect(existsSync(join(store, 'abort'))).toBe(true)
    }
    await rm(ballast)
    const { program, namesrvAddr } = await start(store)
    await using _ = program
    expect(ledger.compare(await storedMessages(namesrvAddr, topic))).toEqual(nothingBroken)
    const { failures } = await sendUnderLoad({
      namesrvAddr,
      ledger,
      onAcknowledged: (count) => (count < 50 ? undefined : 'stop'),
    })
    expect(failures).toEqual([])
    expect(ledger.compare(await storedMessages(namesrvAddr, topic))).toEqual(nothingBroken)
  })
})
