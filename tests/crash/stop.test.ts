import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import { Programs, type ReadyBroker } from '../journey/programs.js'
import { storedMessages } from '../journey/stored-messages.js'
import { makeTopic, sendUnderLoad, topic } from './load.js'
import { MessageLedger, nothingBroken } from './message-ledger.js'

let programs: Programs
let folder: string

beforeAll(async () => {
  programs = await Programs.build()
}, 120_000)
afterAll(() => programs[Symbol.asyncDispose]())
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mq-stop-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const store = (name: string): string => join(folder, name)

const start = (name: string, ...args: string[]): Promise<ReadyBroker> =>
  programs.readyBroker(['--broker-name', name, '--store', store(name), ...args])

/** The broker did not take the request, or did not answer it, or was gone already. */
const reasonsOfLeaving = new Set(['REMOTING_SEND_REQUEST', 'REMOTING_CONNECT', 'BROKER_NOT_FOUND', 'TOPIC_NOT_FOUND'])

/** Why a send failed: the code of the last attempt's error, or of the send's own when there was no attempt. */
function reasonOf(failure: unknown): string {
  const { code, cause } = failure as { code: string; cause?: { code?: string } }
  return cause?.code ?? code
}

it.each(['ASYNC_FLUSH', 'SYNC_FLUSH'])(
  'a broker with %s stopped under load ends with 0 and starts clean, with every acknowledged message',
  { timeout: 120_000 },
  async (flushDiskType) => {
    const ledger = new MessageLedger()
    const set = ['--flush-disk-type', flushDiskType]
    {
      const { namesrvAddr, program } = await start('a', ...set)
      await using _ = program
      const load = new AbortController()
      const { failures } = await sendUnderLoad({
        namesrvAddr,
        ledger,
        signal: load.signal,
        onAcknowledged: (count) => {
          if (count !== 200) return undefined
          program.signal('SIGTERM')
          // Sends go on until the broker is gone: what it does not take must fail, not vanish.
          void program.ended.then(() => load.abort())
          return undefined
        },
      })
      const others = failures.filter((failure) => !reasonsOfLeaving.has(reasonOf(failure)))
      expect(others).toEqual([])
      expect(await program.ended).toMatchObject({ code: 0 })
    }
    expect(existsSync(join(store('a'), 'abort'))).toBe(false)
    const { namesrvAddr, program } = await start('a', ...set)
    await using _ = program
    await program.untilStderr(/"isLastExitOk":true.*commit log recovered/)
    const stored = await storedMessages(namesrvAddr, topic)
    expect(ledger.compare(stored)).toEqual(nothingBroken)
    // In order means that every message stored was acknowledged too.
    expect(stored.length).toBe(ledger.acknowledgedCount)
  },
)

it('no send fails while one of two brokers is stopped and started again', { timeout: 120_000 }, async () => {
  const ledger = new MessageLedger([100, 2000])
  await using nameServer = programs.brokerServer(['namesrv', '--listen-port', '0'], { HOME: folder })
  const [, namesrvAddr = ''] = await nameServer.untilStdout(/^broker-server ready pid=\d+ namesrv=(\S+)\n/)
  const small = ['-n', namesrvAddr, '--set', 'mappedFileSizeCommitLog=67108864', '--set', 'maxHashSlotNum=100000']
  const [a, b] = await Promise.all([start('a', ...small), start('b', ...small)])
  await using _ = b.program
  // A topic that the first send makes may be known at one broker only for as long as a route is kept, which is 30 s.
  await makeTopic(namesrvAddr)
  const load = new AbortController()
  const stopAndStart = async (): Promise<ReadyBroker> => {
    await using stopped = a.program
    stopped.signal('SIGTERM')
    expect(await stopped.ended).toMatchObject({ code: 0 })
    return await start('a', ...small)
  }
  let restarted: Promise<ReadyBroker> | undefined
  const outcome = await sendUnderLoad({
    namesrvAddr,
    ledger,
    concurrency: 8,
    signal: load.signal,
    producer: { retryTimesWhenSendFailed: 2 },
    onAcknowledged: (count) => {
      if (count === 200) restarted = stopAndStart().finally(() => load.abort())
      return undefined
    },
  })
  await using __ = (await restarted!).program
  expect(outcome).toEqual({ failures: [], unknown: [] })
  expect(ledger.brokerNames).toEqual(new Set(['a', 'b']))
  const stored = await storedMessages(namesrvAddr, topic)
  expect(ledger.compare(stored)).toEqual(nothingBroken)
  expect(stored.length).toBe(ledger.acknowledgedCount)
})
