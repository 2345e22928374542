import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Program } from './programs.js'

const start = fileURLToPath(new URL('../../scripts/start.mjs', import.meta.url))
/** The first run may have to build. */
const timeout = 300_000

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mq-npm-start-'))
})
afterEach(() => rm(folder, { recursive: true }))

function demo(args: readonly string[]): Program {
  return new Program(start, args, { MQ_STORE_PATH_ROOT_DIR: join(folder, 'store'), TMPDIR: folder })
}

describe('npm start', () => {
  it('sends a thousand messages, consumes each exactly once, and counts those of the run before', {
    timeout,
  }, async () => {
    for (const before of [
      /store {8}\S+store\n/,
      /store {8}\S+store \(with 1,000 messages of topic Demo from before\)\n/,
    ]) {
      await using program = demo(['--exit'])
      const { code, stdout } = await program.ended
      expect(stdout).toMatch(before)
      expect(stdout).toMatch(/SEND_OK 1,000\n[^]*1,000 of 1,000 messages, each exactly once\n.* as they were sent/)
      expect(stdout).toMatch(/end to end {3}p50 \d+ ms, p99 \d+ ms/)
      expect(code).toBe(0)
    }
  })

  it('keeps serving until Ctrl-C, and lets a second one run beside it', { timeout }, async () => {
    await using first = demo([])
    const [, namesrvAddr] = await first.untilStdout(/npm run producer -- -n (\S+) -t Orders "hello"/)
    await using second = demo(['--exit'])
    const { code, stdout } = await second.ended
    expect([code, stdout.includes('another broker has the store open')]).toEqual([0, true])
    expect(stdout).not.toContain(`name server  ${namesrvAddr!}\n`)
    first.signal('SIGINT')
    expect(await first.ended).toMatchObject({ code: 0 })
    expect(await readdir(folder)).toEqual(['store'])
  })
})
