import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Logger, MessageQueue } from '@mq/remoting'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { LocalFileOffsetStore } from './local-file-offset-store.js'
import { localOffsetPath, NodeOffsetFile } from './node-offset-file.js'
import { formatOffsets, parseOffsets } from './offset-file-text.js'

const q = (queueId: number, topic = 'Orders'): MessageQueue => ({ topic, brokerName: 'broker-a', queueId })

let directory: string
let path: string
let warnings: string[]

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'mq-offsets-'))
  path = localOffsetPath({ clientId: '10.0.8.1@7#9', consumerGroup: 'billing', localOffsetStoreDir: directory })
  warnings = []
})
afterEach(() => rm(directory, { recursive: true }))

function store(): LocalFileOffsetStore {
  const note = (message: string): void => void warnings.push(message)
  const logger: Logger = { debug() {}, info() {}, warn: note, error: note }
  return new LocalFileOffsetStore({ file: new NodeOffsetFile(path), consumerGroup: 'billing', logger })
}

async function stored(file = path): Promise<unknown[]> {
  return [...parseOffsets(await readFile(file, 'utf8'))].map(([{ topic, queueId }, offset]) => [topic, queueId, offset])
}

async function saved(...offsets: readonly (readonly [MessageQueue, number])[]): Promise<void> {
  const saving = store()
  for (const [queue, offset] of offsets) saving.updateOffset(queue, offset)
  await saving.persistAll(offsets.map(([queue]) => queue))
}

it('the file lies where Java looks for it', () => {
  expect(path).toBe(join(directory, '10.0.8.1@7#9', 'billing', 'offsets.json'))
  expect(localOffsetPath({ clientId: 'c', consumerGroup: 'g' })).toMatch(
    /[/\\]\.rocketmq_offsets[/\\]c[/\\]g[/\\]offsets\.json$/,
  )
})

it('what was saved is loaded by the next start, and nothing is found before the first save', async () => {
  const first = store()
  await first.load()
  expect(await first.readOffset(q(0), 'MEMORY_FIRST_THEN_STORE')).toBe('NOT_FOUND')
  await saved([q(0), 7], [q(1), 0])
  const second = store()
  await second.load()
  expect([second.knownOffset(q(0)), second.knownOffset(q(1)), second.knownOffset(q(2))]).toEqual([7, 0, undefined])
  expect(warnings).toEqual([])
})

it('a save leaves the queues it does not name, and keeps the previous file beside it', async () => {
  await saved([q(0), 1], [q(0, 'Other'), 2])
  await saved([q(0), 5])
  expect(await stored()).toEqual([
    ['Orders', 0, 5],
    ['Other', 0, 2],
  ])
  expect(await stored(`${path}.bak`)).toEqual([
    ['Orders', 0, 1],
    ['Other', 0, 2],
  ])
  expect((await readdir(dirname(path))).toSorted()).toEqual(['offsets.json', 'offsets.json.bak'])
})

it('a torn file is answered from its backup with a warning, and saving does not lose the backup', async () => {
  await saved([q(0), 1])
  await saved([q(1), 2])
  await writeFile(path, formatOffsets([[q(0), 9]]).slice(0, 30))
  const recovered = store()
  await recovered.load()
  expect(recovered.knownOffset(q(0))).toBe(1)
  expect(warnings).toEqual(['an offset file cannot be parsed, its backup is read instead'])
  recovered.updateOffset(q(2), 3)
  await recovered.persist(q(2))
  expect(await stored()).toEqual([
    ['Orders', 0, 1],
    ['Orders', 2, 3],
  ])
  expect(await stored(`${path}.bak`)).toEqual([['Orders', 0, 1]])
})

it('without a readable backup a torn file fails the load by name and is never overwritten', async () => {
  await saved([q(0), 1])
  await writeFile(path, '{"offsetTable":{')
  const broken = store()
  await expect(broken.load()).rejects.toMatchObject({ code: 'OFFSET_FILE_UNREADABLE', fields: { path } })
  expect(await broken.readOffset(q(0), 'READ_FROM_STORE')).toBe('UNAVAILABLE')
  broken.updateOffset(q(0), 9)
  await broken.persistAll([q(0)])
  expect(await readFile(path, 'utf8')).toBe('{"offsetTable":{')
  expect(warnings).toContain('offsets could not be saved to their file')
})

it('saves asked for at once do not overwrite each other', async () => {
  const many = store()
  for (let queueId = 0; queueId < 20; queueId++) many.updateOffset(q(queueId), queueId)
  await Promise.all(Array.from({ length: 20 }, (_, queueId) => many.persist(q(queueId))))
  expect(await stored()).toHaveLength(20)
})

it('a frozen offset stays until its queue is forgotten, and an increase-only update never goes back', async () => {
  const offsets = store()
  offsets.updateOffset(q(0), 5)
  offsets.updateOffset(q(0), 3, { increaseOnly: true })
  expect(offsets.knownOffset(q(0))).toBe(5)
  offsets.updateOffset(q(0), 3)
  expect(offsets.knownOffset(q(0))).toBe(3)
  offsets.updateAndFreezeOffset(q(0), 100)
  offsets.updateOffset(q(0), 200, { increaseOnly: true })
  expect(offsets.knownOffset(q(0))).toBe(100)
  offsets.removeOffset(q(0))
  offsets.updateOffset(q(0), 1)
  expect([...offsets.cloneOffsetTable('Orders').values()]).toEqual([1])
  expect(offsets.cloneOffsetTable('Other').size).toBe(0)
})

it('saving some queues forgets the others', async () => {
  const offsets = store()
  for (const queueId of [0, 1]) offsets.updateOffset(q(queueId), 7)
  await offsets.persistAll([])
  expect(offsets.knownOffset(q(1))).toBe(7)
  await offsets.persistAll([q(0)])
  expect([offsets.knownOffset(q(0)), offsets.knownOffset(q(1))]).toEqual([7, undefined])
  expect(await stored()).toEqual([['Orders', 0, 7]])
})
