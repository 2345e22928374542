import { describe, expect, it } from 'vitest'
import { type Arguments, buildProgram } from './command-line.js'

async function parse(line: readonly string[], environment: NodeJS.ProcessEnv = {}): Promise<Arguments> {
  let parsed: Arguments | undefined
  const program = buildProgram(environment, async (args) => {
    parsed = args
  })
  program.configureOutput({ writeErr: () => {} })
  await program.parseAsync(line, { from: 'user' })
  return parsed!
}

describe('buildProgram', () => {
  it('takes everything that says what to consume', async () => {
    const args = await parse([
      ...['-n', 'a:1;b:2', '-t', 'T', '--from', '2026-01-31T08:00Z', '--tags', 'a || b', '--group', 'g'],
      ...['--count', '5', '--timeout', '500', '--json'],
    ])
    expect(args).toEqual({
      namesrvAddr: 'a:1;b:2',
      topic: 'T',
      from: { timestamp: Date.UTC(2026, 0, 31, 8) },
      tags: 'a || b',
      group: 'g',
      count: 5,
      timeoutMs: 500,
      json: true,
      color: true,
    })
  })

  it('follows everything without an end unless told otherwise', async () => {
    expect(await parse(['-t', 'T'])).toMatchObject({ from: undefined, tags: '*', group: undefined, count: undefined })
  })

  it('asks NAMESRV_ADDR, then this machine, when no name server is given', async () => {
    expect((await parse(['-t', 'T'], { NAMESRV_ADDR: 'c:3' })).namesrvAddr).toBe('c:3')
    expect((await parse(['-t', 'T'])).namesrvAddr).toBe('127.0.0.1:9876')
  })

  it.each([
    ['no topic', [], /--topic/],
    ['an unknown flag', ['-t', 'T', '--frob'], /unknown option '--frob'/],
    ['an argument', ['-t', 'T', 'hello'], /too many arguments/],
    ['a start that is none', ['-t', 'T', '--from', 'yesterday'], /first, last, or a time such as/],
    ['a time to come', ['-t', 'T', '--from', '2999-01-01'], /still to come: --from last/],
    ['a count of nought', ['-t', 'T', '--count', '0'], /from 1/],
    ['a timeout that is no number', ['-t', 'T', '--timeout', '5s'], /whole number/],
  ])('refuses %s', async (_name, line, message) => {
    await expect(parse(line)).rejects.toThrow(message)
  })
})
