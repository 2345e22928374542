import { expect, test, vi } from 'vitest'
import { messageBody } from './java-producer.js'
import { cells, javaMap, keyValues } from './mqadmin-output.js'
import type { MqadminSession } from './mqadmin-session.js'

/** For what servers do on their own after they answered. */
const eventually = { timeout: 20_000, interval: 100 }

/** The commands that send and find messages. */
export function messageCommands(session: () => MqadminSession): void {
  test('queryMsgById finds a message by offset id and by client id, with everything that was sent', async () => {
    const { servers, lines, createTopic, producer, mqadmin, output } = session()
    await createTopic('Searched')
    const sent = { topic: 'Searched', tags: 'created', keys: 'k', properties: { colour: 'red' }, size: 40, count: 2 }
    const [, result] = await producer.send({ ...sent, mode: 'sync' })
    const { lines: found, body } = await output('queryMsgById', '-t', 'Searched', '-i', result!.offsetMsgId)
    const fields = keyValues(found, /: +/)
    expect(Object.fromEntries(fields)).toMatchObject({
      OffsetID: result!.offsetMsgId,
      Topic: 'Searched',
      Tags: '[created]',
      Keys: '[k1]',
      'Queue ID': String(result!.queueId),
      'Queue Offset': String(result!.queueOffset),
      'Reconsume Times': '0',
      'Store Host': servers.brokerAddr,
      'System Flag': '0',
    })
    expect(javaMap(fields.get('Properties')!)).toEqual({
      CLUSTER: servers.clusterName,
      KEYS: 'k1',
      MSG_REGION: 'DefaultRegion',
      TAGS: 'created',
      TRACE_ON: 'true',
      UNIQ_KEY: result!.msgId,
      WAIT: 'true',
      colour: 'red',
    })
    expect(body).toBe(messageBody(1, 40))
    expect(found.at(-1)).toBe('WARN: No Consumer')
    // The client id is found through the index, which is built after the send was answered.
    await vi.waitFor(async () => {
      expect(await lines('queryMsgById', '-t', 'Searched', '-i', result!.msgId)).toEqual(found)
    }, eventually)
    const past = `${result!.offsetMsgId.slice(0, 16)}0000000FFFFFFFFF`
    expect((await mqadmin.run('queryMsgById', '-t', 'Searched', '-i', past)).error).toContain('CODE: 208')
  })

  test('queryMsgByOffset reads one place of a queue', async () => {
    const { servers, lines, createTopic, producer, output } = session()
    await createTopic('Placed')
    const queue = { brokerName: servers.brokerName, queueId: 3 }
    const results = await producer.send({ topic: 'Placed', mode: 'queue', ...queue, count: 3, size: 20 })
    const place = ['-t', 'Placed', '-b', servers.brokerName, '-i', '3', '-o']
    const { lines: found, body } = await output('queryMsgByOffset', ...place, '2')
    const fields = keyValues(found, /: +/)
    expect(Object.fromEntries(fields)).toMatchObject({
      OffsetID: results[2]!.offsetMsgId,
      'Queue ID': '3',
      'Queue Offset': '2',
    })
    expect(javaMap(fields.get('Properties')!)).toMatchObject({ MIN_OFFSET: '0', MAX_OFFSET: '3' })
    expect(body).toBe(messageBody(2, 20))
    expect(await lines('queryMsgByOffset', ...place, '100')).toEqual([])
  })

  test('sendMessage stores a message with its key and tag', async () => {
    const { servers, lines, createTopic, output } = session()
    await createTopic('Told')
    const message = ['-t', 'Told', '-p', 'told by mqadmin', '-k', 'a-key', '-c', 'a-tag']
    const [head, row] = await lines('sendMessage', ...message)
    expect(cells(head!)).toEqual(['#Broker Name', '#QID', '#Send Result', '#MsgId'])
    const [broker, queueId, status, msgId] = cells(row!)
    expect([broker, status]).toEqual([servers.brokerName, 'SEND_OK'])
    const { lines: found, body } = await output('queryMsgById', '-t', 'Told', '-i', msgId!)
    const fields = keyValues(found, /: +/)
    expect(Object.fromEntries(fields)).toMatchObject({ Tags: '[a-tag]', Keys: '[a-key]', 'Queue ID': queueId })
    expect(body).toBe('told by mqadmin')
  })

  test('sendMessage to a queue stores it there', async () => {
    const { servers, lines, createTopic } = session()
    await createTopic('Aimed')
    const [, row] = await lines('sendMessage', '-t', 'Aimed', '-p', 'x', '-b', servers.brokerName, '-i', '2')
    expect(cells(row!).slice(0, 3)).toEqual([servers.brokerName, '2', 'SEND_OK'])
  })

  test('checkMsgSendRT sends to every queue in turn', async () => {
    const { servers, lines, createTopic } = session()
    await createTopic('Timed', 2)
    const [head, ...rows] = await lines('checkMsgSendRT', '-t', 'Timed', '-a', '4', '-s', '64')
    expect(cells(head!)).toEqual(['#Broker Name', '#QID', '#Send Result', '#RT'])
    expect(rows.slice(0, 4).map((row) => cells(row).slice(0, 3))).toEqual([
      [servers.brokerName, '0', 'true'],
      [servers.brokerName, '1', 'true'],
      [servers.brokerName, '0', 'true'],
      [servers.brokerName, '1', 'true'],
    ])
    expect(rows[4]).toMatch(/^Avg RT: \d+\.\d+$/)
  })
}
