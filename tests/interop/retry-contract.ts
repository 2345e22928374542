import { expect, test, vi } from 'vitest'
import type { Consumers } from './consumers.js'
import type { ConsumerSession } from './consumer-session.js'
import { eventually } from './group-progress.js'
import { messageBody } from './java-producer.js'
import type { JavaMessage } from './java-reader.js'

/** Messages that are delivered later, again, or given up. */
export function retryContract(session: () => ConsumerSession<Consumers>): void {
  test('a message that fails comes again, counted, under its own topic, until it succeeds', async () => {
    const { consumers, createTopic, producer, untilConsumed } = session()
    const topic = 'Retried'
    await createTopic(topic)
    const failing = messageBody(1)
    const consumer = await consumers.push({ kind: 'concurrent', group: 'retried', topic, failures: 3, failing })
    const results = await producer.send({ topic, mode: 'sync', count: 3, tags: 'created', keys: 'k' })
    await consumer.deliveries(6)
    await untilConsumed('retried', topic)
    await untilConsumed('retried', '%RETRY%retried')
    const received = await consumer.deliveries(6)
    expect(received.map(attempt).toSorted()).toEqual(['0  0', '1  0', '1  1', '1  2', '1  3', '2  0'])
    const { msgId, offsetMsgId } = results[1]!
    const retried = received.filter(({ reconsumeTimes }) => reconsumeTimes > 0)
    for (const message of retried) {
      expect(message).toMatchObject({
        topic,
        msgId,
        tags: 'created',
        keys: 'k1',
        body: Buffer.from(messageBody(1)),
        properties: {
          RETRY_TOPIC: topic,
          REAL_TOPIC: '%RETRY%retried',
          ORIGIN_MESSAGE_ID: offsetMsgId,
          UNIQ_KEY: msgId,
          WAIT: 'false',
        },
      })
    }
    // Java: 3 for the first retry, one more for each after it
    expect(retried.map(({ properties }) => properties['DELAY'])).toEqual(['3', '4', '5'])
  })

  test('a message that fails for good is a dead letter, as it was sent, and is delivered no more', async () => {
    const { consumers, createTopic, producer, deadLetters, untilConsumed } = session()
    const topic = 'Dead'
    await createTopic(topic)
    const sent = { topic, tags: 'created', keys: 'k', properties: { colour: 'rot/röd' } }
    const options = { kind: 'concurrent', group: 'dead', topic, failures: 99, failing: '1' } as const
    const consumer = await consumers.push({ ...options, maxReconsumeTimes: 1 })
    const results = await producer.send({ ...sent, mode: 'sync', count: 2 })
    const [letter] = await deadLetters('dead', 1)
    expect(letter).toMatchObject({
      topic: '%DLQ%dead',
      queueId: 0,
      queueOffset: 0,
      msgId: results[1]!.msgId,
      tags: 'created',
      keys: 'k1',
      body: Buffer.from(messageBody(1)),
      reconsumeTimes: 2,
      properties: {
        colour: 'rot/röd',
        ORIGIN_MESSAGE_ID: results[1]!.offsetMsgId,
        RETRY_TOPIC: topic,
        DELAY: '0',
      },
    })
    await untilConsumed('dead', topic)
    await untilConsumed('dead', '%RETRY%dead')
    expect((await consumer.deliveries(3)).map(attempt).toSorted()).toEqual(['0  0', '1  0', '1  1'])
    expect(await deadLetters('dead', 1)).toHaveLength(1)
  })

  test('a consumer that asks for level -1 gives a message up at once', async () => {
    const { consumers, createTopic, producer, deadLetters, untilConsumed } = session()
    const topic = 'GivenUp'
    await createTopic(topic)
    const options = { kind: 'concurrent', group: 'given-up', topic, failures: 99 } as const
    const consumer = await consumers.push({ ...options, delayLevel: -1 })
    await producer.send({ topic, mode: 'sync', count: 2 })
    const letters = await deadLetters('given-up', 2)
    expect(letters.map(attempt).toSorted()).toEqual(['0  1', '1  1'])
    await untilConsumed('given-up', topic)
    expect((await consumer.deliveries(2)).map(attempt).toSorted()).toEqual(['0  0', '1  0'])
  })

  test('a consumer that asks for a delay level gets the message again after that delay', async () => {
    const { consumers, createTopic, producer } = session()
    const topic = 'Later'
    await createTopic(topic)
    const options = { kind: 'concurrent', group: 'later', topic, failures: 1 } as const
    const consumer = await consumers.push({ ...options, delayLevel: 2 })
    await producer.send({ topic, mode: 'sync', count: 1 })
    const [first, second] = await consumer.deliveries(2)
    expect([first!, second!].map(attempt)).toEqual(['0  0', '0  1'])
    expect(second!.properties['DELAY']).toBe('2')
    expect(second!.storeTimestamp - first!.storeTimestamp).toBeGreaterThanOrEqual(1_000)
  })

  test('an orderly message that fails for good is a dead letter, and its queue goes on', async () => {
    const { consumers, createTopic, producer, deadLetters, untilConsumed } = session()
    const topic = 'DeadInOrder'
    await createTopic(topic, 1)
    const options = { kind: 'orderly', group: 'dead-in-order', topic, failures: 99, failing: '1' } as const
    const consumer = await consumers.push({ ...options, maxReconsumeTimes: 1 })
    const results = await producer.send({ topic, mode: 'sync', count: 3 })
    const [letter] = await deadLetters('dead-in-order', 1)
    expect(letter).toMatchObject({
      body: Buffer.from(messageBody(1)),
      properties: { RETRY_TOPIC: topic, ORIGIN_MESSAGE_ID: results[1]!.msgId },
    })
    await consumer.deliveries(4)
    await untilConsumed('dead-in-order', topic)
    expect((await consumer.deliveries(4)).map(attempt)).toEqual(['0  0', '1  0', '1  1', '2  0'])
  })

  test('a delayed message is delivered after its delay, and shows where it waited', async () => {
    const { consumers, createTopic, producer } = session()
    const topic = 'Delayed'
    await createTopic(topic, 2)
    const consumer = await consumers.push({ kind: 'concurrent', group: 'delayed', topic, expression: 'created' })
    const levels = [1, 2, 6, 7, 99]
    for (const delayLevel of levels) {
      const [result] = await producer.send({
        topic,
        mode: 'sync',
        count: 1,
        tags: 'created',
        keys: `k${delayLevel}-`,
        delayLevel,
      })
      expect(result!.status).toBe('SEND_OK')
    }
    const received = await consumer.deliveries(levels.length)
    expect(received.map(({ properties, keys }) => `${properties['DELAY']} ${keys}`).toSorted()).toEqual(
      // Java: a level above the highest is the highest
      ['1 k1-0', '2 k2-0', '6 k6-0', '6 k7-0', '6 k99-0'],
    )
    for (const { properties, queueId, storeTimestamp, bornTimestamp } of received) {
      expect(properties).toMatchObject({ REAL_TOPIC: topic, REAL_QID: String(queueId) })
      expect(storeTimestamp - bornTimestamp).toBeGreaterThanOrEqual(1_000)
    }
  })

  test('a message that came back is found by its key, once in its topic and once in the retry topic', async () => {
    const { consumers, createTopic, producer, mqadmin } = session()
    const topic = 'FoundAgain'
    await createTopic(topic)
    const consumer = await consumers.push({ kind: 'concurrent', group: 'found-again', topic, failures: 1 })
    await producer.send({ topic, mode: 'sync', count: 1, keys: 'found-' })
    await consumer.deliveries(2)
    for (const where of [topic, '%RETRY%found-again']) {
      await vi.waitFor(async () => {
        const { lines } = await mqadmin.run('queryMsgByKey', '-t', where, '-k', 'found-0')
        expect(lines).toHaveLength(2)
      }, eventually)
    }
  })
}

function attempt({ body, reconsumeTimes }: JavaMessage): string {
  return `${body.toString()} ${reconsumeTimes}`
}
