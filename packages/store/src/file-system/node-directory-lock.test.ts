import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { lockNodeDirectory } from './node-directory-lock.js'

let directory: string
let holder: ChildProcess | undefined

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'mq-lock-'))
})

afterEach(async () => {
  holder?.kill('SIGKILL')
  holder = undefined
  await rm(directory, { recursive: true, force: true })
})

/** Another process that does what the script says and then lives on; answers its id. */
async function processThat(script: string): Promise<number> {
  const program = `const fs = require('node:fs'); const directory = ${JSON.stringify(directory)}; ${script}; console.log('ready'); setInterval(() => {}, 1000)`
  holder = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'inherit'] })
  await once(holder.stdout as NodeJS.ReadableStream, 'data')
  return holder.pid as number
}

describe('lockNodeDirectory', () => {
  test('a living process that has the lock file open and its id in lock.pid is named in the refusal', async () => {
    const processId = await processThat(
      "fs.openSync(directory + '/lock', 'w'); fs.writeFileSync(directory + '/lock.pid', String(process.pid))",
    )
    await expect(lockNodeDirectory(directory)).rejects.toThrow(
      new RegExp(`${directory} is in use by process ${processId} .*lock\\.pid`),
    )
  })

  test('a living process whose id is in abort is a holder, as a Java broker is', async () => {
    const processId = await processThat(
      "fs.openSync(directory + '/lock', 'w'); fs.writeFileSync(directory + '/abort', String(process.pid))",
    )
    await expect(lockNodeDirectory(directory)).rejects.toThrow(`process ${processId}`)
  })

  test.runIf(process.platform === 'linux')(
    'a living program that reused the id of a crashed one is no holder',
    async () => {
      const processId = await processThat('')
      await writeFile(join(directory, 'abort'), String(processId))
      await writeFile(join(directory, 'lock.pid'), String(processId))
      await (await lockNodeDirectory(directory)).release()
    },
  )

  test('what a dead process left does not lock', async () => {
    const processId = await processThat("fs.writeFileSync(directory + '/lock.pid', String(process.pid))")
    const dead = holder as ChildProcess
    dead.kill('SIGKILL')
    await once(dead, 'exit')
    await writeFile(join(directory, 'abort'), String(processId))
    const lock = await lockNodeDirectory(directory)
    expect((await readdir(directory)).sort()).toEqual(['abort', 'lock', 'lock.pid'])
    await lock.release()
    expect((await readdir(directory)).sort()).toEqual(['abort', 'lock'])
  })

  test('of two that start at once in one process one is refused', async () => {
    const outcomes = await Promise.allSettled([lockNodeDirectory(directory), lockNodeDirectory(directory)])
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    for (const outcome of outcomes) if (outcome.status === 'fulfilled') await outcome.value.release()
  })
})
