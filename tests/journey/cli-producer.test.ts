import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Ending, Programs, type ReadyBroker } from './programs.js'
import { storedBodies, storedMessages } from './stored-messages.js'

let programs: Programs
let folder: string
let broker: ReadyBroker

beforeAll(async () => {
  programs = await Programs.build()
  folder = await mkdtemp(join(tmpdir(), 'mq-cli-producer-'))
  broker = await programs.readyBroker(['--store', join(folder, 'store')])
})
afterAll(async () => {
  await broker.program[Symbol.asyncDispose]()
  await rm(folder, { recursive: true })
  await programs[Symbol.asyncDispose]()
})

async function produce(args: readonly string[], input = ''): Promise<Ending> {
  await using program = programs.cliProducer(['-n', broker.namesrvAddr, ...args])
  program.write(input)
  program.closeInput()
  return await program.ended
}

const documents = (stdout: string): Array<Record<string, unknown>> =>
  stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>)

describe('cli-producer', () => {
  it('sends a body with its tags, keys and properties', async () => {
    const flags = ['--tags', 'paid', '--keys', 'k1 k2', '--property', 'colour=red', '--property', 'size=xl']
    const { code, stdout, stderr } = await produce(['-t', 'One', ...flags, 'grüße'])
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout).toMatch(
      /^SEND_OK topic=One broker=\S+ queue=\d offset=0 msgId=[0-9A-F]{32} offsetMsgId=[0-9A-F]{32}\n$/,
    )
    const [message] = await storedMessages(broker.namesrvAddr, 'One')
    expect(String(message!.body)).toBe('grüße')
    expect(Object.fromEntries(message!.properties)).toMatchObject({
      TAGS: 'paid',
      KEYS: 'k1 k2',
      colour: 'red',
      size: 'xl',
    })
  })

  it('sends each line of stdin, and gives a JSON document for each', async () => {
    const { code, stdout, stderr } = await produce(['-t', 'Lines', '--json'], 'a\r\n\nb\nc')
    expect(code).toBe(0)
    expect(stderr).toMatch(/^3 sent in /)
    const found = documents(stdout)
    expect(found.map(({ number, sendStatus }) => [number, sendStatus]).sort()).toEqual([
      [1, 'SEND_OK'],
      [2, 'SEND_OK'],
      [3, 'SEND_OK'],
    ])
    expect(await storedBodies(broker.namesrvAddr, 'Lines')).toEqual(['a', 'b', 'c'])
  })

  it('sends a line as soon as it is there', async () => {
    await using program = programs.cliProducer(['-n', broker.namesrvAddr, '-t', 'Tail', '--json', '--batch', '10'])
    program.write('first\n')
    await program.untilStdout(/"number":1,"sendStatus":"SEND_OK"/)
    program.write('second\n')
    await program.untilStdout(/"number":2,"sendStatus":"SEND_OK"/)
    program.closeInput()
    expect(await program.ended).toMatchObject({ code: 0 })
  })

  it('keeps the order of lines that share a sharding key', async () => {
    const lines = Array.from({ length: 100 }, (_, index) => String(index))
    await produce(['-t', 'Ordered', '--sharding-key', 'customer-9'], lines.join('\n'))
    const messages = await storedMessages(broker.namesrvAddr, 'Ordered')
    expect(new Set(messages.map(({ queueId }) => queueId)).size).toBe(1)
    expect(messages.map(({ body }) => String(body))).toEqual(lines)
  })

  it('sends a load of the size asked for, uncompressed, and sums it up in one JSON document', async () => {
    const load = ['-t', 'Load', '--count', '500', '--size', '5000', '--concurrency', '16', '--json']
    const { code, stdout, stderr } = await produce(load)
    expect([code, stderr]).toEqual([0, ''])
    expect(documents(stdout)).toEqual([
      expect.objectContaining({ requested: 500, sent: 500, failed: 0, statuses: { SEND_OK: 500 }, bytes: 2_500_000 }),
    ])
    const messages = await storedMessages(broker.namesrvAddr, 'Load')
    const numbers = messages.map(({ body }) => Number.parseInt(String(body), 10))
    expect(new Set(numbers)).toEqual(new Set(Array.from({ length: 500 }, (_, index) => index + 1)))
    expect(messages.every(({ body, sysFlag }) => body.length === 5000 && sysFlag === 0)).toBe(true)
  })

  it('sends batches, and takes their answers apart', async () => {
    const { code, stdout } = await produce(['-t', 'Batches', '--json', '--batch', '3'], '1\n2\n3\n4\n5\n')
    expect(code).toBe(0)
    const ids = documents(stdout).map(({ offsetMsgId }) => offsetMsgId)
    expect(new Set(ids).size).toBe(5)
    const stored = await storedMessages(broker.namesrvAddr, 'Batches')
    expect(new Set(stored.map(({ offsetMsgId }) => offsetMsgId))).toEqual(new Set(ids))
  })

  it('sends one-way without waiting for an answer', async () => {
    const { code, stdout } = await produce(['-t', 'Oneway', '--oneway', '--count', '50', '--json'])
    expect(code).toBe(0)
    expect(documents(stdout)).toEqual([expect.objectContaining({ sent: 50, statuses: { ONEWAY: 50 } })])
  })

  it('ends with 1 and goes on with the next line when one is refused', async () => {
    const long = 'x'.repeat(4_194_305)
    const { code, stdout, stderr } = await produce(
      ['-t', 'Refused', '--json', '--concurrency', '1'],
      `${long}\nshort\n`,
    )
    expect(code).toBe(1)
    expect(documents(stdout)).toEqual([
      { number: 1, error: { code: 'MESSAGE_ILLEGAL', message: expect.stringContaining('4194304') as string } },
      expect.objectContaining({ number: 2, sendStatus: 'SEND_OK' }),
    ])
    expect(stderr).toContain('1 failed: MESSAGE_ILLEGAL 1')
  })

  it('tells the next step, not a stack, when no name server answers', async () => {
    // Port 1 belongs to a service nobody runs.
    await using program = programs.cliProducer(['-n', '127.0.0.1:1', '-t', 'Orders', '--count', '100000'])
    const { code, stderr } = await program.ended
    expect(code).toBe(1)
    expect(stderr).toMatch(/^cli-producer: .*127\.0\.0\.1:1.*namesrvAddr.*\[NAME_SERVER_UNREACHABLE\]\n/)
    expect(stderr).not.toMatch(/^ +at /m)
  })

  it('gives the stack when DEBUG is set', async () => {
    await using program = programs.cliProducer(['-n', '127.0.0.1:1', '-t', 'Orders', 'hello'], { DEBUG: '1' })
    expect((await program.ended).stderr).toMatch(/^ +at /m)
  })

  it('ends with 130 on Ctrl-C, with what it knows by then', async () => {
    const load = ['-n', broker.namesrvAddr, '-t', 'Interrupted', '--count', '100000000', '--concurrency', '1', '--json']
    await using program = programs.cliProducer(load)
    for (let stored = 0; stored === 0; ) {
      stored = (await storedMessages(broker.namesrvAddr, 'Interrupted').catch(() => [])).length
    }
    program.signal('SIGINT')
    const { code, stdout } = await program.ended
    expect(code).toBe(130)
    const [summary] = documents(stdout)
    expect(summary).toMatchObject({ interrupted: true, requested: 100_000_000, failed: 0 })
    expect(summary!['sent']).toBeGreaterThan(0)
  })

  it('ends on Ctrl-C while it waits for a line', async () => {
    await using program = programs.cliProducer(['-n', broker.namesrvAddr, '-t', 'Idle', '--json'])
    program.write('first\n')
    await program.untilStdout(/SEND_OK/)
    program.signal('SIGINT')
    const { code, stderr } = await program.ended
    expect([code, stderr.startsWith('1 sent in ')]).toEqual([130, true])
  })

  it('sends to the end when nobody reads its output any more', async () => {
    await using program = programs.cliProducer(['-n', broker.namesrvAddr, '-t', 'Unread', '--json'])
    program.write('first\n')
    await program.untilStdout(/SEND_OK/)
    program.closeOutput()
    program.write('second\nthird\n')
    program.closeInput()
    expect(await program.ended).toMatchObject({ code: 0 })
    expect(await storedBodies(broker.namesrvAddr, 'Unread')).toEqual(['first', 'second', 'third'])
  })

  it.each([[['hello']], [['-t', 'T', '--count', '0']], [['-t', 'T', '--frob']]])('ends with 2 on %j', async (args) => {
    const { code, stdout } = await produce(args)
    expect([code, stdout]).toEqual([2, ''])
  })
})
