import type { Random } from '@mq/remoting'
import { SeededRandom } from '@mq/remoting/testing'
import { InMemoryFileSystem } from '@mq/store/testing'
import { describe, expect, test } from 'vitest'
import { checkDisk, runScript, type ScriptOptions, type Sent } from './support/put-script.js'

/** Runs the script once for every operation of the disk, crashes there, and hands over what is left. */
async function crashAtEveryOperation(
  flushDiskType: ScriptOptions['flushDiskType'],
  check: (crashed: InMemoryFileSystem, sent: readonly Sent[], at: number) => Promise<void>,
): Promise<number> {
  const whole = new InMemoryFileSystem()
  await runScript({ fileSystem: whole, flushDiskType })
  for (let at = 1; at <= whole.operations; at++) {
    const fileSystem = new InMemoryFileSystem({ onOperation: ({ number }) => (number >= at ? 'crash' : undefined) })
    const sent = await runScript({ fileSystem, flushDiskType })
    await check(fileSystem, sent, at)
  }
  return whole.operations
}

/** Unsynced bytes all lost, all kept, and three times a selection of sectors. */
function fates(at: number): readonly ('lost' | 'kept' | Random)[] {
  return ['lost', 'kept', ...[1, 2, 3].map((image) => new SeededRandom(at * 10 + image))]
}

describe('a crash at every operation of the disk', () => {
  test('with SYNC_FLUSH a power loss takes no acknowledged message, whatever is left of what was not synced', async () => {
    const operations = await crashAtEveryOperation('SYNC_FLUSH', async (crashed, sent, at) => {
      for (const [image, fate] of fates(at).entries()) {
        const context = `crash at ${at}, image ${image}`
        await checkDisk(crashed.crash(fate), { sent, acknowledged: 'all', context })
      }
    })
    expect(operations).toBeGreaterThan(100)
  }, 120_000)

  test('with ASYNC_FLUSH the death of the process takes no acknowledged message', async () => {
    const operations = await crashAtEveryOperation('ASYNC_FLUSH', async (crashed, sent, at) => {
      await checkDisk(crashed.kill(), { sent, acknowledged: 'all', context: `killed at ${at}` })
    })
    expect(operations).toBeGreaterThan(80)
  }, 120_000)

  test('with ASYNC_FLUSH a power loss takes the newest messages only: no hole in the log, no gap in a queue', async () => {
    const operations = await crashAtEveryOperation('ASYNC_FLUSH', async (crashed, sent, at) => {
      for (const [image, fate] of fates(at).entries()) {
        const context = `crash at ${at}, image ${image}`
        await checkDisk(crashed.crash(fate), { sent, acknowledged: 'prefix', context })
      }
    })
    expect(operations).toBeGreaterThan(80)
  }, 120_000)

  test('a second crash during recovery takes nothing more', async () => {
    const first = new InMemoryFileSystem({ onOperation: ({ number }) => (number >= 90 ? 'crash' : undefined) })
    const sent = await runScript({ fileSystem: first, flushDiskType: 'SYNC_FLUSH' })
    expect(sent.filter(({ result }) => result.status === 'PUT_OK').length).toBeGreaterThan(5)
    for (let at = 1; at <= 40; at++) {
      const second = first.crash(new SeededRandom(at))
      second.onOperation = ({ number }) => (number >= at ? 'crash' : undefined)
      await runScript({ fileSystem: second, flushDiskType: 'SYNC_FLUSH' })
      const disk = second.crash(new SeededRandom(at + 1000))
      await checkDisk(disk, { sent, acknowledged: 'all', context: `second crash at ${at}` })
    }
  }, 60_000)
})
