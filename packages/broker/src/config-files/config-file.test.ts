import { silentLogger } from '@mq/remoting'
import { InMemoryFileSystem } from '@mq/store/testing'
import { expect, test } from 'vitest'
import { ConfigFile } from './config-file.js'

const directory = '/store/config'
const open = (fileSystem: InMemoryFileSystem): ConfigFile =>
  new ConfigFile({ fileSystem, logger: silentLogger, directory, name: 'table.json' })

async function written(fileSystem: InMemoryFileSystem, name: string): Promise<string | undefined> {
  return (await fileSystem.readFile(`${directory}/${name}`))?.toString()
}

test('a table that was written is read back, and the version before it is the backup', async () => {
  const fileSystem = new InMemoryFileSystem()
  const file = open(fileSystem)
  await file.persist(() => '1')
  await file.persist(() => '2')
  expect(await open(fileSystem).load(Number)).toBe(2)
  expect(await written(fileSystem, 'table.json.bak')).toBe('1')
})

test('writes asked for while one is under way are joined into one with the newest text', async () => {
  const fileSystem = new InMemoryFileSystem()
  const file = open(fileSystem)
  let value = 1
  const first = file.persist(() => String(value))
  const others = Array.from({ length: 100 }, () => file.persist(() => String(value)))
  value = 2
  await Promise.all([first, ...others])
  expect(await written(fileSystem, 'table.json')).toBe('2')
})

test('the backup is read when the file is missing, empty or torn', async () => {
  for (const content of [undefined, '', '{"torn']) {
    const fileSystem = new InMemoryFileSystem()
    await fileSystem.makeDirectory(directory)
    await fileSystem.writeFile(`${directory}/table.json.bak`, Buffer.from('{"value":1}'))
    if (content !== undefined) await fileSystem.writeFile(`${directory}/table.json`, Buffer.from(content))
    expect(await open(fileSystem).load(JSON.parse)).toEqual({ value: 1 })
  }
})

test('a store without the file starts with an empty table', async () => {
  expect(await open(new InMemoryFileSystem()).load(JSON.parse)).toBeUndefined()
})

test('a torn file without any backup is an error that names the file', async () => {
  const fileSystem = new InMemoryFileSystem()
  await fileSystem.makeDirectory(directory)
  await fileSystem.writeFile(`${directory}/table.json`, Buffer.from('{'))
  await expect(open(fileSystem).load(JSON.parse)).rejects.toMatchObject({
    code: 'BROKER_CONFIG_FILE_UNREADABLE',
    fields: { path: `${directory}/table.json` },
  })
})

// A torn file was renamed to be the backup, so that a crash before the new one was in place left nothing whole.
test('wherever the process dies while a torn file is replaced, the backup or the new table is read afterwards', async () => {
  for (let crashAt = 0; ; crashAt++) {
    const fileSystem = new InMemoryFileSystem()
    await open(fileSystem).persist(() => '1')
    await open(fileSystem).persist(() => '2')
    await fileSystem.writeFile(`${directory}/table.json`, Buffer.from('{'))
    const file = open(fileSystem)
    expect(await file.load(JSON.parse)).toBe(1)
    let operations = 0
    fileSystem.onOperation = () => (operations++ === crashAt ? 'crash' : undefined)
    const finished = await file
      .persist(() => '3')
      .then(
        () => true,
        () => false,
      )
    const value: unknown = await open(fileSystem.crash('kept')).load(JSON.parse)
    expect(finished ? [3] : [1, 3]).toContain(value)
    if (finished) return
  }
})

test('a torn file without a whole backup is an error that names the backup', async () => {
  const fileSystem = new InMemoryFileSystem()
  await fileSystem.makeDirectory(directory)
  await fileSystem.writeFile(`${directory}/table.json.bak`, Buffer.from('{'))
  await expect(open(fileSystem).load(JSON.parse)).rejects.toMatchObject({
    code: 'BROKER_CONFIG_FILE_UNREADABLE',
    fields: { path: `${directory}/table.json.bak` },
  })
})

test('wherever the power fails during a write, the table read afterwards is the one before or the one after it', async () => {
  for (let crashAt = 0; ; crashAt++) {
    const fileSystem = new InMemoryFileSystem()
    const file = open(fileSystem)
    await file.persist(() => '1')
    let operations = 0
    fileSystem.onOperation = () => (operations++ === crashAt ? 'crash' : undefined)
    const finished = await file
      .persist(() => '2')
      .then(
        () => true,
        () => false,
      )
    const value = await open(fileSystem.crash('lost')).load(Number)
    expect(finished ? [2] : [1, 2]).toContain(value)
    if (finished) return
  }
})

test('a write that fails is told to everyone who waits for it, and the next one is tried afresh', async () => {
  const fileSystem = new InMemoryFileSystem()
  const file = open(fileSystem)
  await file.persist(() => '1')
  fileSystem.onOperation = ({ kind }) => (kind === 'write' ? { error: 'ENOSPC' } : undefined)
  const failed = await Promise.allSettled([file.persist(() => '2'), file.persist(() => '3')])
  for (const outcome of failed) {
    expect(outcome).toMatchObject({ reason: { code: 'BROKER_CONFIG_FILE_UNWRITABLE', retryable: true } })
  }
  expect(await open(fileSystem).load(Number)).toBe(1)
  fileSystem.onOperation = undefined
  await file.persist(() => '4')
  expect(await open(fileSystem).load(Number)).toBe(4)
})
