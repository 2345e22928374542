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
  it('takes a body, and everything that goes on the message', async () => {
    const args = await parse([
      ...['-n', 'a:1;b:2', '-t', 'T', '--tags', 'x', '--keys', 'k1 k2', '--property', 'a=1', '--property', 'b=c=d'],
      ...['--timeout', '500', '--producer-group', 'g', 'hello'],
    ])
    expect(args).toMatchObject({
      namesrvAddr: 'a:1;b:2',
      topic: 'T',
      body: 'hello',
      tags: 'x',
      keys: 'k1 k2',
      properties: { a: '1', b: 'c=d' },
      timeoutMs: 500,
      producerGroup: 'g',
    })
  })

  it('asks NAMESRV_ADDR, then this machine, when no name server is given', async () => {
    expect((await parse(['-t', 'T'], { NAMESRV_ADDR: 'c:3' })).namesrvAddr).toBe('c:3')
    expect((await parse(['-t', 'T'])).namesrvAddr).toBe('127.0.0.1:9876')
  })

  it('sends one at a time with a sharding key, unless told otherwise', async () => {
    expect((await parse(['-t', 'T', '--sharding-key', 's'])).concurrency).toBe(1)
    expect((await parse(['-t', 'T', '--sharding-key', 's', '--concurrency', '9'])).concurrency).toBe(9)
    expect((await parse(['-t', 'T'])).concurrency).toBe(64)
  })

  it.each([
    ['no topic', ['hello'], /--topic/],
    ['an unknown flag', ['-t', 'T', '--frob'], /unknown option '--frob'/],
    ['two bodies', ['-t', 'T', 'a', 'b'], /too many arguments/],
    ['a body and a load', ['-t', 'T', '--count', '5', 'hello'], /exclude each other/],
    ['an empty body', ['-t', 'T', ''], /body is empty/],
    ['a size without a load', ['-t', 'T', '--size', '5'], /--size belongs to --count/],
    ['a one-way batch', ['-t', 'T', '--oneway', '--batch', '2'], /cannot be sent one-way/],
    ['a count that is no number', ['-t', 'T', '--count', '1e3'], /whole number/],
    ['a concurrency of nought', ['-t', 'T', '--concurrency', '0'], /from 1/],
    ['a property without a value', ['-t', 'T', '--property', 'a'], /key=value/],
  ])('refuses %s', async (_name, line, message) => {
    await expect(parse(line)).rejects.toThrow(message)
  })
})
