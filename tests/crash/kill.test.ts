import { on } from 'node:events'
import { existsSync, watch } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { Programs, type ReadyBroker } from '../journey/programs.js'
import { storedMessages } from '../journey/stored-messages.js'
import { sendUnderLoad, topic } from './load.js'
import { MessageLedger, nothingBroken } from './message-ledger.js'

const cycles = Number(process.env['MQ_CRASH_CYCLES'] ?? 8)

let programs: Programs
let folder: string

beforeAll(async () => {
  programs = await Programs.build()
}, 120_000)
afterAll(() => programs[Symbol.asyncDispose]())
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mq-kill-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const start = (...settings: string[]): Promise<ReadyBroker> =>
  programs.readyBroker(['--store', folder, ...settings.flatMap((setting) => ['--set', setting])])

/** Sends until so many messages were acknowledged, kills the broker at that moment, with others in flight, and waits for its end. */
async function killAfter(broker: ReadyBroker, ledger: MessageLedger, acknowledgements: number): Promise<void> {
  const { namesrvAddr, program } = broker
  const { failures } = await sendUnderLoad({
    namesrvAddr,
    ledger,
    onAcknowledged: (count) => {
      if (count < acknowledgements) return undefined
      program.signal('SIGKILL')
      return 'stop'
    },
  })
  expect(failures).toEqual([])
  expect(await program.ended).toMatchObject({ code: undefined })
  expect(existsSync(join(folder, 'abort'))).toBe(true)
}

/** Waits until so many files have come into the commit log. */
async function newSegments(count: number): Promise<void> {
  const folderEvents = watch(join(folder, 'commitlog'))
  try {
    for await (const [kind] of on(folderEvents, 'change')) {
      if (kind === 'rename' && --count === 0) return
    }
  } finally {
    folderEvents.close()
  }
}

/** Reads everything, and expects what was acknowledged and at most what was in flight besides. */
async function expectNothingBroken(namesrvAddr: string, ledger: MessageLedger): Promise<void> {
  const stored = await storedMessages(namesrvAddr, topic)
  expect(ledger.compare(stored)).toEqual(nothingBroken)
  expect(stored.length).toBeGreaterThanOrEqual(ledger.acknowledgedCount)
}

describe.each(['ASYNC_FLUSH', 'SYNC_FLUSH'])('a broker with %s that is killed', (flushDiskType) => {
  const settings = [`flushDiskType=${flushDiskType}`, 'mappedFileSizeCommitLog=8388608']

  it('has every acknowledged message, at its offset, after any number of kills under load', {
    timeout: 300_000,
  }, async () => {
    const ledger = new MessageLedger()
    for (let cycle = 0; cycle < cycles; cycle++) {
      const broker = await start(...settings)
      await using _ = broker.program
      if (cycle > 0) await expectNothingBroken(broker.namesrvAddr, ledger)
      await killAfter(broker, ledger, 1 + Math.floor(Math.random() * 300))
    }
    const { namesrvAddr, program } = await start(...settings)
    await using _ = program
    await expectNothingBroken(namesrvAddr, ledger)
  })

  it('has every acknowledged message when it dies the moment a new segment appears', { timeout: 120_000 }, async () => {
    const small = [...settings.slice(0, 1), 'mappedFileSizeCommitLog=65536']
    const ledger = new MessageLedger([3000, 12_000, 100])
    for (let cycle = 0; cycle < 3; cycle++) {
      const broker = await start(...small)
      await using program = broker.program
      if (cycle > 0) await expectNothingBroken(broker.namesrvAddr, ledger)
      const load = new AbortController()
      const sending = sendUnderLoad({ ...broker, ledger, signal: load.signal, onAcknowledged: () => undefined })
      await newSegments(2 + 2 * cycle)
      program.signal('SIGKILL')
      load.abort()
      await Promise.all([sending, program.ended])
    }
    const { namesrvAddr, program } = await start(...small)
    await using _ = program
    await expectNothingBroken(namesrvAddr, ledger)
    expect(ledger.acknowledgedCount).toBeGreaterThan(0)
  })
})

it('a broker that is killed again while it recovers has every acknowledged message', { timeout: 120_000 }, async () => {
  const ledger = new MessageLedger()
  {
    const broker = await start()
    await using _ = broker.program
    await killAfter(broker, ledger, 1200)
  }
  let killsInRecovery = 0
  for (let attempt = 0; attempt < 20 && killsInRecovery < 2; attempt++) {
    await using program = programs.brokerServer(['--listen-port', '0', '--namesrv-port', '0', '--store', folder])
    await program.untilStderr(/recovering the commit log/)
    program.signal('SIGKILL')
    const { stderr } = await program.ended
    if (!stderr.includes('commit log recovered')) killsInRecovery += 1
  }
  expect(killsInRecovery).toBe(2)
  const { namesrvAddr, program } = await start()
  await using _ = program
  await expectNothingBroken(namesrvAddr, ledger)
  const { failures } = await sendUnderLoad({
    namesrvAddr,
    ledger,
    onAcknowledged: (count) => (count < 50 ? undefined : 'stop'),
  })
  expect(failures).toEqual([])
  await expectNothingBroken(namesrvAddr, ledger)
})
