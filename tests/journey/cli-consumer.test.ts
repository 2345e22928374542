import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Ending, type Program, Programs, type ReadyBroker } from './programs.js'

let programs: Programs
let folder: string
let broker: ReadyBroker

beforeAll(async () => {
  programs = await Programs.build()
  folder = await mkdtemp(join(tmpdir(), 'mq-cli-consumer-'))
  broker = await programs.readyBroker(['--store', join(folder, 'store')])
})
afterAll(async () => {
  await broker.program[Symbol.asyncDispose]()
  await rm(folder, { recursive: true })
  await programs[Symbol.asyncDispose]()
})

/** Milliseconds without a message after which a run that is to end by itself does. */
const idleMs = '1500'

function start(topic: string, args: readonly string[]): Program {
  return programs.cliConsumer(['-n', broker.namesrvAddr, '-t', topic, ...args])
}

async function consume(topic: string, args: readonly string[]): Promise<Ending> {
  await using program = start(topic, args)
  return await program.ended
}

async function send(topic: string, args: readonly string[], input = ''): Promise<void> {
  await using program = programs.cliProducer(['-n', broker.namesrvAddr, '-t', topic, '--concurrency', '1', ...args])
  program.write(input)
  program.closeInput()
  expect(await program.ended).toMatchObject({ code: 0 })
}

const documents = (stdout: string): Array<Record<string, unknown>> =>
  stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>)

const bodies = (stdout: string): unknown[] =>
  documents(stdout)
    .map(({ body }) => body)
    .sort()

/** Of a summary, whatever its numbers are. */
const latencies = /since stored, in ms: p50 \d.*\nsince sent, in ms: {3}p50 \d/

describe('cli-consumer', () => {
  it('shows a message with its place, tag and keys, and as JSON with everything', async () => {
    await send('One', ['--tags', 'paid', '--keys', 'k1 k2', '--property', 'colour=red', 'grüße'])
    const text = await consume('One', ['--from', 'first', '--count', '1'])
    expect([text.code, text.stderr]).toEqual([
      0,
      expect.stringMatching(/^following topic One from its first message on: 4 queues on .*\n1 consumed\n$/),
    ])
    expect(text.stdout).toMatch(
      /^\d{4}-\d\d-\d\d [\d:.]{12} {2}\S+ queue \d offset 0 {2}\[paid\] {2}#k1 {2}#k2 {2}grüße\n$/,
    )
    const [message] = documents((await consume('One', ['--from', 'first', '--count', '1', '--json'])).stdout)
    expect(message).toMatchObject({
      number: 1,
      topic: 'One',
      queueOffset: 0,
      tags: 'paid',
      keys: ['k1', 'k2'],
      body: 'grüße',
    })
    expect(message!['properties']).toMatchObject({ colour: 'red' })
    expect(message!['receivedTimestamp']).toBeGreaterThanOrEqual(message!['storeTimestamp'] as number)
  })

  it('follows what comes from now on, and ends with 0 and latencies on Ctrl-C', async () => {
    await send('Followed', ['before'])
    await using program = start('Followed', [])
    await program.untilStderr(/following topic Followed from now on/)
    await send('Followed', ['after'])
    await program.untilStdout(/ {2}after\n/)
    program.signal('SIGINT')
    const { code, stdout, stderr } = await program.ended
    expect([code, stdout.includes('before')]).toEqual([0, false])
    expect(stderr).toMatch(/\n1 consumed\n/)
    expect(stderr).toMatch(latencies)
  })

  it('waits for a topic that does not exist, and misses none of its messages', async () => {
    await using program = start('Later', ['--count', '2', '--json'])
    await program.untilStderr(/topic Later does not exist yet/)
    await send('Later', [], 'first\nsecond\n')
    const { code, stdout } = await program.ended
    expect([code, bodies(stdout)]).toEqual([0, ['first', 'second']])
  })

  it('begins at a time', async () => {
    await send('Timed', ['early'])
    const [early] = documents((await consume('Timed', ['--from', 'first', '--count', '1', '--json'])).stdout)
    const { storeTimestamp } = early as { storeTimestamp: number }
    while (Date.now() <= storeTimestamp) await new Promise(setImmediate)
    await send('Timed', [], 'late\nlater\n')
    const after = ['--from', String(storeTimestamp + 1), '--timeout', idleMs, '--json']
    expect(bodies((await consume('Timed', after)).stdout)).toEqual(['late', 'later'])
    const iso = ['--from', new Date(storeTimestamp).toISOString(), '--timeout', idleMs, '--json']
    expect(bodies((await consume('Timed', iso)).stdout)).toEqual(['early', 'late', 'later'])
  })

  it('shows the tags asked for, to each follower its own', async () => {
    for (const tag of ['created', 'paid', 'shipped']) await send('Tagged', ['--tags', tag, tag])
    const follow = (tags: string): Promise<Ending> =>
      consume('Tagged', ['--from', 'first', '--tags', tags, '--timeout', idleMs, '--json'])
    const [two, one] = await Promise.all([follow('created || paid'), follow('shipped')])
    expect([bodies(two.stdout), bodies(one.stdout)]).toEqual([['created', 'paid'], ['shipped']])
  })

  it('leaves no group and no offset behind, unless it is a member of one', async () => {
    await send('Traces', [], 'a\nb\n')
    const offsets = (): Promise<string> => readFile(join(folder, 'store/config/consumerOffset.json'), 'utf8')
    const groups = (): Promise<string> => readFile(join(folder, 'store/config/subscriptionGroup.json'), 'utf8')
    await consume('Traces', ['--group', 'tracing', '--count', '2'])
    await consume('Traces', ['--from', 'first', '--count', '2'])
    // What brokers save now and then they also save when they stop.
    broker.program.signal('SIGTERM')
    expect(await broker.program.ended).toMatchObject({ code: 0 })
    expect((await offsets()).match(/Traces@\w+/g)).toEqual(['Traces@tracing'])
    const names = [...(await groups()).matchAll(/"groupName":"([^"]+)"/g)].map(([, name]) => name!)
    expect(names.filter((name) => !/^(TOOLS|FILTERSRV|SELF_TEST|CID_)/.test(name))).toEqual(['tracing'])
    broker = await programs.readyBroker(['--store', join(folder, 'store')])
  })

  it('consumes as many messages of a group as asked for, and leaves the others to its next member', async () => {
    await send('Shared', [], Array.from({ length: 10 }, (_, index) => `${index}\n`).join(''))
    const first = await consume('Shared', ['--group', 'sharing', '--from', 'first', '--count', '4', '--json'])
    expect([first.code, documents(first.stdout).length]).toEqual([0, 4])
    const second = await consume('Shared', ['--group', 'sharing', '--timeout', idleMs, '--json'])
    expect(second.code).toBe(0)
    const all = [...bodies(first.stdout), ...bodies(second.stdout)].sort()
    expect(all).toEqual(Array.from({ length: 10 }, (_, index) => String(index)))
    const rest = await consume('Shared', ['--group', 'sharing', '--timeout', idleMs, '--json'])
    expect(rest.stdout).toBe('')
  })

  it('tells how many queues are its own when another member joins', async () => {
    await send('Members', ['hello'])
    await using first = start('Members', ['--group', 'meeting'])
    await first.untilStderr(/as a member of group meeting: 4 of 4 queues/)
    await using second = start('Members', ['--group', 'meeting'])
    await Promise.all([first, second].map((member) => member.untilStderr(/meeting: 2 of 4 queues/)))
    for (const member of [first, second]) member.signal('SIGINT')
    expect(await Promise.all([first.ended, second.ended])).toMatchObject([{ code: 0 }, { code: 0 }])
  })

  it('gives each member of a group every message once', async () => {
    await send('Counted', ['--count', '3000', '--size', '100', '--batch', '10'])
    const { code, stdout } = await consume('Counted', ['--group', 'counting', '--count', '3000', '--json'])
    const numbers = documents(stdout).map(({ body }) => Number.parseInt(body as string, 10))
    expect([code, new Set(numbers).size, numbers.length]).toEqual([0, 3000, 3000])
  })

  it('ends with 1 when fewer messages come than were asked for', async () => {
    await send('Few', ['only'])
    const { code, stderr } = await consume('Few', ['--from', 'first', '--count', '2', '--timeout', idleMs])
    expect([code, stderr]).toEqual([1, expect.stringContaining('\n1 of 2 messages came: no more for 1,500 ms\n')])
  })

  it('ends with 0 and without a word when nobody reads its output any more', async () => {
    await send('Unread', [], 'a\nb\n')
    await using program = start('Unread', ['--from', 'first'])
    await program.untilStdout(/ {2}[ab]\n[^]* {2}[ab]\n/)
    program.closeOutput()
    await send('Unread', ['c'])
    const { code, stderr } = await program.ended
    expect([code, stderr]).toEqual([0, expect.stringMatching(/^following [^\n]*\n$/)])
  })

  it('ends when the parent that it has a channel to lets go, even while it waits for a topic', async () => {
    await using program = start('Never', ['--group', 'waiting'])
    await program.untilStderr(/topic Never does not exist yet/)
    program.letGo()
    expect(await program.ended).toMatchObject({ code: 0, stderr: expect.stringContaining('0 consumed') as string })
  })

  it.each([[[]], [['--group', 'billing']]])(
    'tells the next step when no name server answers, with %j',
    async (args) => {
      // Port 1 belongs to a service nobody runs.
      await using program = programs.cliConsumer(['-n', '127.0.0.1:1', '-t', 'Orders', ...args])
      const { code, stderr } = await program.ended
      expect(code).toBe(1)
      expect(stderr).toMatch(/^cli-consumer: .*127\.0\.0\.1:1.*namesrvAddr.*\[NAME_SERVER_UNREACHABLE\]\n$/)
    },
  )

  it.each([[['hello']], [['--count', '0']], [['--from', 'yesterday']], [['--frob']]])(
    'ends with 2 on %j',
    async (args) => {
      const { code, stdout } = await consume('T', args)
      expect([code, stdout]).toEqual([2, ''])
    },
  )
})
