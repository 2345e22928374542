// Power cuts without a machine of their own: an ext4 in a file is told to forget what was not synced. Needs root, loop devices and
// python3, and takes minutes, so that it runs only when asked for:
//
//   MQ_SLOW=1 npx vitest run tests/crash/power-cut.test.ts
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { decodeOffsetMessageId } from '@mq/remoting'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Program, Programs, type ReadyBroker } from '../journey/programs.js'
import { storedMessages } from '../journey/stored-messages.js'
import { sendUnderLoad, topic } from './load.js'
import { MessageLedger, nothingBroken } from './message-ledger.js'
import { Volume } from './volume.js'

const cycles = Number(process.env['MQ_CRASH_CYCLES'] ?? 10)
const controls = 5
const volumeSize = 256 * 1024 * 1024

/** Waits until the kernel has stopped every thread of a process: a sync that races the cut may answer success for what is lost. */
async function untilStopped({ pid }: Program): Promise<void> {
  for (;;) {
    const threads = await readdir(`/proc/${pid}/task`)
    const states = await Promise.all(threads.map((thread) => readFile(`/proc/${pid}/task/${thread}/stat`, 'latin1')))
    if (states.every((state) => state.slice(state.lastIndexOf(')') + 2).startsWith('T'))) return
    await nextTurn()
  }
}

describe.runIf(process.env['MQ_SLOW'] === '1')('after a power cut under load', () => {
  let programs: Programs
  beforeAll(async () => {
    programs = await Programs.build()
  }, 120_000)
  afterAll(() => programs[Symbol.asyncDispose]())

  const start = (volume: Volume, flushDiskType: string): Promise<ReadyBroker> => {
    // With ASYNC_FLUSH part of the load is flushed before the power goes off.
    const settings = [`flushDiskType=${flushDiskType}`, 'mappedFileSizeCommitLog=8388608', 'flushIntervalCommitLog=100']
    const store = join(volume.path, 'store')
    return programs.readyBroker(['--store', store, ...settings.flatMap((setting) => ['--set', setting])])
  }

  /** Sends until so many messages were acknowledged, cuts the power with others in flight, and switches it on again. */
  async function cutUnderLoad(
    volume: Volume,
    { program, namesrvAddr }: ReadyBroker,
    ledger: MessageLedger,
  ): Promise<void> {
    const acknowledgements = 1 + Math.floor(Math.random() * 600)
    const cut = async (): Promise<void> => {
      await untilStopped(program)
      await volume.cutPower()
      program.signal('SIGKILL')
      await program.ended
    }
    let cutting: Promise<void> | undefined
    await sendUnderLoad({
      namesrvAddr,
      ledger,
      onAcknowledged: (count) => {
        if (count < acknowledgements) return undefined
        program.signal('SIGSTOP')
        cutting = cut()
        return 'stop'
      },
    })
    await cutting
    await volume.mountAgain()
  }

  it('a broker with SYNC_FLUSH has every acknowledged message', { timeout: 600_000 }, async ({ skip }) => {
    await using volume = await Volume.ext4(volumeSize)
    if (volume === undefined) return skip('mount')
    const ledger = new MessageLedger()
    for (let cycle = 0; cycle < cycles; cycle++) {
      const broker = await start(volume, 'SYNC_FLUSH')
      await using _ = broker.program
      expect(ledger.compare(cycle === 0 ? [] : await storedMessages(broker.namesrvAddr, topic))).toEqual(nothingBroken)
      await cutUnderLoad(volume, broker, ledger)
    }
    const { namesrvAddr, program } = await start(volume, 'SYNC_FLUSH')
    await using _ = program
    expect(ledger.compare(await storedMessages(namesrvAddr, topic))).toEqual(nothingBroken)
    process.stdout.write(`${cycles} power cuts, ${ledger.acknowledgedCount} acknowledged, 0 lost\n`)
  })

  it('a broker with ASYNC_FLUSH lacks the newest messages, and only those', { timeout: 600_000 }, async ({ skip }) => {
    let acknowledged = 0
    let lostCount = 0
    for (let cycle = 0; cycle < controls; cycle++) {
      await using volume = await Volume.ext4(volumeSize)
      if (volume === undefined) return skip('mount')
      const ledger = new MessageLedger()
      const broker = await start(volume, 'ASYNC_FLUSH')
      await using _ = broker.program
      await cutUnderLoad(volume, broker, ledger)
      const { namesrvAddr, program } = await start(volume, 'ASYNC_FLUSH')
      await using __ = program
      const stored = await storedMessages(namesrvAddr, topic)
      const { lost, ...others } = ledger.compare(stored)
      expect(others).toEqual({ altered: [], twice: [], gaps: [] })
      const kept = Math.max(-1, ...stored.map(({ physicalOffset }) => physicalOffset))
      const lostPlaces = lost.map((result) => decodeOffsetMessageId(result.offsetMsgId).physicalOffset)
      expect(Math.min(...lostPlaces)).toBeGreaterThan(kept)
      acknowledged += ledger.acknowledgedCount
      lostCount += lost.length
    }
    // If nothing were lost, the cuts would be none, and the test above would prove nothing.
    expect(lostCount).toBeGreaterThan(0)
    process.stdout.write(`${controls} power cuts, ${acknowledged} acknowledged, ${lostCount} lost\n`)
  })
})
