import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type DataVersion, type TopicConfig, UpdateAndCreateTopic } from '@mq/remoting'
import { describe, expect, test } from 'vitest'
import {
  parseMessageRequestModeTable,
  stringifyMessageRequestModeTable,
} from '../src/assignments/message-request-mode-json.js'
import { parseDelayOffsetTable, stringifyDelayOffsetTable } from '../src/schedule/delay-offset-json.js'
import {
  parseSubscriptionGroupTable,
  stringifySubscriptionGroupTable,
} from '../src/subscription-groups/subscription-group-table-json.js'
import { parseTopicTable, stringifyTopicTable } from '../src/topics/topic-table-json.js'
import { SimulatedBroker, storePath } from './simulated-broker.js'

/** Written by an Apache RocketMQ 5.4.0 broker. */
const golden = (name: string): Promise<string> =>
  readFile(join(import.meta.dirname, 'golden', `${name}.golden`), 'utf8')

async function onDisk(rig: SimulatedBroker, name: string): Promise<string> {
  return (await rig.fileSystem.readFile(`${storePath}/config/${name}`))?.toString() ?? ''
}

async function withFile(name: string, content: string): Promise<SimulatedBroker> {
  const rig = new SimulatedBroker()
  await rig.fileSystem.makeDirectory(`${storePath}/config`)
  await rig.fileSystem.writeFile(`${storePath}/config/${name}`, Buffer.from(content))
  return rig
}

describe('a file that a Java broker wrote', () => {
  test('with topics is read and written again to the byte', async () => {
    const source = await golden('topics.json')
    const table = parseTopicTable(source)
    expect(table.topicConfigTable.size).toBe(21)
    expect(table.topicConfigTable.get('Delayed')?.attributes).toEqual(new Map([['message.type', 'DELAY']]))
    expect(stringifyTopicTable(table)).toBe(source)
  })

  test('with delay offsets is read and written again to the byte', async () => {
    const source = await golden('delayOffset.json')
    const table = parseDelayOffsetTable(source)
    expect(Object.fromEntries(table.offsetTable)).toEqual({ 1: 2, 3: 2 })
    expect(stringifyDelayOffsetTable(table)).toBe(source)
  })

  test('with request modes is read and written again to the byte', async () => {
    const source = await golden('messageRequestMode.json')
    const table = parseMessageRequestModeTable(source)
    expect(table.get('Orders')?.get('CG')?.mode).toBe('PULL')
    expect(stringifyMessageRequestModeTable(table)).toBe(source)
  })

  test('with subscription groups is read and written again to the byte', async () => {
    const source = await golden('subscriptionGroup.json')
    const table = parseSubscriptionGroupTable(source)
    expect(table.subscriptionGroupTable.get('java-reader')?.retryMaxTimes).toBe(16)
    expect(stringifySubscriptionGroupTable(table)).toBe(source)
  })

  test('keeps its topics in a broker of ours, which adds its own', async () => {
    const source = await golden('topics.json')
    await using rig = await withFile('topics.json', source)
    await rig.start({ brokerName: 'java-broker', brokerClusterName: 'InteropCluster' })
    await rig.send({ topic: 'Added', defaultTopicQueueNums: 2 })
    const before = parseTopicTable(source)
    const after = parseTopicTable(await onDisk(rig, 'topics.json'))
    expect(after.dataVersion.counter).toBe(before.dataVersion.counter + 1)
    const expected = new Map<string, TopicConfig | undefined>(before.topicConfigTable)
    expected.set('Added', after.topicConfigTable.get('Added'))
    expect(after.topicConfigTable).toEqual(expected)
  })
})

test('a broker of ours writes the default groups with the settings that a Java broker gives them', async () => {
  await using rig = await SimulatedBroker.started()
  await rig.messages('Orders')
  const java = parseSubscriptionGroupTable(await golden('subscriptionGroup.json')).subscriptionGroupTable
  const ours = parseSubscriptionGroupTable(await onDisk(rig, 'subscriptionGroup.json')).subscriptionGroupTable
  const withoutReaders = (groups: ReadonlyMap<string, unknown>): unknown =>
    new Map([...groups].filter(([name]) => !name.endsWith('reader') && name !== 'readers').sort())
  expect(withoutReaders(ours)).toEqual(withoutReaders(java))
})

test('the version before a change stays beside the file', async () => {
  await using rig = await SimulatedBroker.started()
  await rig.send({ topic: 'First' })
  const first = await onDisk(rig, 'topics.json')
  await rig.send({ topic: 'Second' })
  expect(await onDisk(rig, 'topics.json.bak')).toBe(first)
})

test('a name in topics.json that leads out of the store is left out', async () => {
  const topic = { topicName: '../../x', readQueueNums: 1, writeQueueNums: 1, perm: 6 }
  const dataVersion: DataVersion = { counter: 1, stateVersion: 0, timestamp: 1 }
  const content = JSON.stringify({ dataVersion, topicConfigTable: { '../../x': topic, Fine: { ...topic } } })
  await using rig = await withFile('topics.json', content)
  await rig.start({ autoCreateTopicEnable: false })
  const answered = await rig.send({ topic: 'Fine' })
  expect(answered.extFields?.['queueOffset']).toBe('0')
  const header = { defaultTopic: 'TBW102', topicFilterType: 'SINGLE_TAG', perm: 4, order: false } as const
  await rig.call(UpdateAndCreateTopic, { ...header, topic: 'Fine', readQueueNums: 1, writeQueueNums: 1 })
  const { topicConfigTable } = parseTopicTable(await onDisk(rig, 'topics.json'))
  expect(topicConfigTable.has('../../x')).toBe(false)
  expect(topicConfigTable.get('Fine')?.perm).toBe(4)
})

test('a broker does not start on topics that cannot be read, and says which file', async () => {
  const rig = await withFile('topics.json.bak', '{"topicConfigTable":')
  await expect(rig.start()).rejects.toMatchObject({
    code: 'BROKER_CONFIG_FILE_UNREADABLE',
    message: expect.stringContaining('topics.json.bak cannot be parsed') as unknown,
  })
})
