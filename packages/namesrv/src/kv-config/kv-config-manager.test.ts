import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, it } from 'vitest'
import type { KvConfigFile } from './kv-config-file.js'
import { KVConfigManager } from './kv-config-manager.js'
import { NodeKvConfigFile } from './node-kv-config-file.js'

const bounds = { maxEntries: 100, maxEntryLength: 1_000 }
const directories: string[] = []

afterEach(async () => {
  for (const directory of directories.splice(0)) await rm(directory, { recursive: true })
})

it('the file is the one Java writes, byte for byte', async () => {
  const file = memoryFile()
  const kvConfig = new KVConfigManager({ file, ...bounds })
  await kvConfig.put('ORDER_TOPIC_CONFIG', 'InOrder', 'java-broker:2')
  await kvConfig.put('ns1', 'key1', 'value1')
  await kvConfig.delete('ns1', 'key1')
  expect(file.text).toBe('{"configTable":{"ORDER_TOPIC_CONFIG":{"InOrder":"java-broker:2"},"ns1":{}}}')
})

it('what was put is there after a start, in a directory made for it', async () => {
  const path = join(await temporaryDirectory(), 'deep', 'kvConfig.json')
  await new KVConfigManager({ file: new NodeKvConfigFile(path), ...bounds }).put('ns', 'k', 'ü "quoted"')
  const again = new KVConfigManager({ file: new NodeKvConfigFile(path), ...bounds })
  await again.load()
  expect(again.get('ns', 'k')).toBe('ü "quoted"')
  expect(await readdir(join(path, '..'))).toEqual(['kvConfig.json'])
})

it('a file of Java is read', async () => {
  const path = join(await temporaryDirectory(), 'kvConfig.json')
  await writeFile(path, '{"configTable":{"ORDER_TOPIC_CONFIG":{"T":"a:4;b:2"},"empty":{}}}')
  const kvConfig = new KVConfigManager({ file: new NodeKvConfigFile(path), ...bounds })
  await kvConfig.load()
  expect(kvConfig.list('ORDER_TOPIC_CONFIG')).toEqual({ table: new Map([['T', 'a:4;b:2']]) })
  expect(kvConfig.list('empty')).toEqual({ table: new Map() })
  expect(kvConfig.list('unknown')).toBeUndefined()
})

it('a damaged file is an error that names it, and is not overwritten', async () => {
  const path = join(await temporaryDirectory(), 'kvConfig.json')
  await writeFile(path, '{"configTable":')
  const kvConfig = new KVConfigManager({ file: new NodeKvConfigFile(path), ...bounds })
  await expect(kvConfig.load()).rejects.toMatchObject({ code: 'KV_CONFIG_FILE', fields: { path } })
  expect(await readFile(path, 'utf8')).toBe('{"configTable":')
})

it('changes made while the file is being written share one more write', async () => {
  const file = memoryFile()
  const kvConfig = new KVConfigManager({ file, ...bounds })
  const puts = Array.from({ length: 50 }, (_, index) => kvConfig.put('ns', `k${index}`, 'v'))
  await Promise.all(puts)
  expect(file.writes).toBeLessThanOrEqual(2)
  expect(file.text).toContain('"k49":"v"')
})

it('a put whose write fails says so, and the next one is written with it', async () => {
  const file = memoryFile()
  const kvConfig = new KVConfigManager({ file, ...bounds })
  file.failure = new Error('disk full')
  await expect(kvConfig.put('ns', 'a', '1')).rejects.toMatchObject({ code: 'KV_CONFIG_FILE', cause: file.failure })
  file.failure = undefined
  await kvConfig.put('ns', 'b', '2')
  expect(file.text).toBe('{"configTable":{"ns":{"a":"1","b":"2"}}}')
})

it('a new entry beyond the bound is refused, a known one can still change', async () => {
  const kvConfig = new KVConfigManager({ maxEntries: 3, maxEntryLength: 10 })
  await kvConfig.put('ns', 'a', '1')
  await kvConfig.put('ns', 'b', '2')
  await expect(kvConfig.put('ns', 'c', '3')).rejects.toMatchObject({ code: 'REMOTING_TOO_MUCH_REQUEST' })
  await kvConfig.put('ns', 'a', '4')
  expect(kvConfig.get('ns', 'a')).toBe('4')
})

it('an entry that is too long is refused and the old value stays', async () => {
  const kvConfig = new KVConfigManager({ maxEntries: 3, maxEntryLength: 10 })
  await kvConfig.put('ns', 'a', '1234567')
  await expect(kvConfig.put('ns', 'a', '12345678')).rejects.toMatchObject({ code: 'REMOTING_TOO_MUCH_REQUEST' })
  expect(kvConfig.get('ns', 'a')).toBe('1234567')
})

it('names such as __proto__ are names', async () => {
  const file = memoryFile()
  const kvConfig = new KVConfigManager({ file, ...bounds })
  await kvConfig.put('__proto__', 'constructor', 'v')
  const again = new KVConfigManager({ file, ...bounds })
  await again.load()
  expect(again.get('__proto__', 'constructor')).toBe('v')
  expect(again.get('constructor', 'name')).toBeUndefined()
})

class MemoryFile implements KvConfigFile {
  readonly path = 'memory'
  text: string | undefined
  failure: Error | undefined
  writes = 0

  read(): Promise<string | undefined> {
    return Promise.resolve(this.text)
  }

  write(text: string): Promise<void> {
    this.writes += 1
    if (this.failure !== undefined) return Promise.reject(this.failure)
    this.text = text
    return Promise.resolve()
  }
}

function memoryFile(): MemoryFile {
  return new MemoryFile()
}

async function temporaryDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'mq-kv-'))
  directories.push(directory)
  return directory
}
