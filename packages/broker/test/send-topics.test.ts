import {
  deadLetterTopic,
  ResponseCode,
  SendMessage,
  UpdateAndCreateSubscriptionGroup,
  encodeSubscriptionGroupConfig,
  defaultSubscriptionGroupConfig,
} from '@mq/remoting'
import { describe, expect, test } from 'vitest'
import { type TopicConfigSerializeWrapper, decodeTopicConfigWrapper } from '@mq/remoting'
import { properties, sendHeader, SimulatedBroker, storePath } from './simulated-broker.js'

async function topicsOnDisk(rig: SimulatedBroker): Promise<TopicConfigSerializeWrapper> {
  const bytes = await rig.fileSystem.readFile(`${storePath}/config/topics.json`)
  if (bytes === undefined) throw new Error('there is no topics.json')
  return decodeTopicConfigWrapper(bytes)
}

describe('a send to a topic that does not exist', () => {
  test('makes it from its template with as many queues as the producer asks for and the template has', async () => {
    await using rig = await SimulatedBroker.started()
    await rig.send({ topic: 'Few', defaultTopicQueueNums: 3 })
    await rig.send({ topic: 'Many', defaultTopicQueueNums: 100 })
    await rig.send({ topic: 'Unit', unitMode: true })
    const { dataVersion, topicConfigTable } = await topicsOnDisk(rig)
    expect(dataVersion.counter).toBe(3)
    const made = { perm: 6, order: false, topicFilterType: 'SINGLE_TAG', topicSysFlag: 0 }
    expect(topicConfigTable.get('Few')).toMatchObject({ ...made, readQueueNums: 3, writeQueueNums: 3 })
    expect(topicConfigTable.get('Many')).toMatchObject({ ...made, readQueueNums: 8, writeQueueNums: 8 })
    expect(topicConfigTable.get('Unit')).toMatchObject({ ...made, topicSysFlag: 1 })
  })

  test('makes it once, however many arrive together', async () => {
    await using rig = await SimulatedBroker.started()
    const sends = Array.from({ length: 100 }, () => rig.send({ topic: 'Together' }))
    const responses = await Promise.all(sends)
    expect(new Set(responses.map((response) => response.code))).toEqual(new Set([ResponseCode.SUCCESS]))
    expect((await topicsOnDisk(rig)).dataVersion.counter).toBe(1)
  })

  test('is stored from a copy: the frame is gone by then', async () => {
    await using rig = await SimulatedBroker.started()
    const sends = ['first', 'second', 'third'].map((body) => rig.send({ topic: 'Copied' }, body))
    await Promise.all(sends)
    const bodies = (await rig.messages('Copied')).map((message) => message.body.toString())
    expect(bodies).toEqual(['first', 'second', 'third'])
  })

  test('is refused while topics.json cannot be written, and nothing is stored or half made', async () => {
    await using rig = await SimulatedBroker.started()
    rig.fileSystem.onOperation = ({ path }) => (path.includes('/config/') ? { error: 'ENOSPC' } : undefined)
    const refused = await rig.send()
    expect(refused.code).toBe(ResponseCode.SYSTEM_ERROR)
    expect(refused.remark).toContain('topics.json could not be written')
    expect(rig.broker.messageStore.getMaxPhyOffset()).toBe(0)
    rig.fileSystem.onOperation = undefined
    expect((await rig.send()).code).toBe(ResponseCode.SUCCESS)
  })

  test('survives the death of the process together with its message', async () => {
    const rig = await SimulatedBroker.started()
    await rig.send({ topic: 'Survivor' })
    const { runtime } = rig
    await using later = new SimulatedBroker({ runtime, fileSystem: rig.fileSystem.kill() })
    runtime.hosts.crash('10.0.1.1')
    await later.start({ autoCreateTopicEnable: false })
    const [message] = await later.messages('Survivor')
    expect(message?.body.toString()).toBe('hello')
  })
})

describe('a send to a retry topic', () => {
  const retried = { topic: '%RETRY%billing', reconsumeTimes: 17 }

  test('makes the topic with one queue when there is no template, and the flag of unit mode', async () => {
    await using rig = await SimulatedBroker.started({ autoCreateTopicEnable: false })
    expect((await rig.send({ topic: '%RETRY%billing', unitMode: true })).code).toBe(ResponseCode.SUCCESS)
    const topic = (await topicsOnDisk(rig)).topicConfigTable.get('%RETRY%billing')
    expect(topic).toMatchObject({ readQueueNums: 1, writeQueueNums: 1, perm: 6, topicSysFlag: 2 })
  })

  test('of a group that does not exist and is not made is refused', async () => {
    await using rig = await SimulatedBroker.started({ autoCreateSubscriptionGroup: false })
    expect((await rig.send({ topic: '%RETRY%billing' })).code).toBe(ResponseCode.SUBSCRIPTION_GROUP_NOT_EXIST)
  })

  test('goes to the dead letters once it has been retried too often, and is answered the queue asked for', async () => {
    await using rig = await SimulatedBroker.started()
    const sixteenth = await rig.send({ ...retried, reconsumeTimes: 16, queueId: 2 })
    const seventeenth = await rig.send({ ...retried, queueId: 2, properties: properties({ DELAY: '5' }) })
    expect(sixteenth.extFields).toMatchObject({ queueId: '2', queueOffset: '0' })
    expect(seventeenth).toMatchObject({ code: ResponseCode.SUCCESS, extFields: { queueId: '2', queueOffset: '0' } })
    expect(await rig.messages('%RETRY%billing', 2)).toHaveLength(1)
    const [letter] = await rig.messages(deadLetterTopic('billing'))
    expect(letter?.properties.get('DELAY')).toBe('-1')
    const topic = (await topicsOnDisk(rig)).topicConfigTable.get('%DLQ%billing')
    expect(topic).toMatchObject({ readQueueNums: 1, writeQueueNums: 1, perm: 6 })
  })

  test('counts by the sender where the sender may say so, else by the group', async () => {
    await using rig = await SimulatedBroker.started()
    const group = { ...defaultSubscriptionGroupConfig('billing'), retryMaxTimes: 3 }
    await rig.call(UpdateAndCreateSubscriptionGroup, {}, { body: encodeSubscriptionGroupConfig(group) })
    const send = (reconsumeTimes: number, maxReconsumeTimes: number, version: number) =>
      rig.call(SendMessage, sendHeader({ topic: '%RETRY%billing', reconsumeTimes, maxReconsumeTimes }), {
        body: Buffer.from('x'),
        change: (request) => {
          request.version = version
        },
      })
    await send(4, 10, 121)
    expect(await rig.messages('%DLQ%billing')).toHaveLength(0)
    await send(4, 10, 120)
    expect(await rig.messages('%DLQ%billing')).toHaveLength(1)
    await send(3, 2, 493)
    expect(await rig.messages('%DLQ%billing')).toHaveLength(2)
  })

  test('of part of a group belongs to the group before the plus', async () => {
    await using rig = await SimulatedBroker.started({ autoCreateSubscriptionGroup: false })
    const group = defaultSubscriptionGroupConfig('billing')
    await rig.call(UpdateAndCreateSubscriptionGroup, {}, { body: encodeSubscriptionGroupConfig(group) })
    expect((await rig.send({ topic: '%RETRY%billing' })).code).toBe(ResponseCode.SUCCESS)
    expect((await rig.send({ topic: '%RETRY%billing_v2' })).code).toBe(ResponseCode.SUBSCRIPTION_GROUP_NOT_EXIST)
  })
})
