import { setImmediate as nextTurn } from 'node:timers/promises'
import type { DefaultMQPushConsumer } from '@mq/client'
import { describe, expect, test } from 'vitest'
import { ConsumingCluster, Watched } from './consuming-cluster.js'

/** Sends numbered messages, a few at a time, until it is stopped; resolves with how many were acknowledged. */
async function sendUntil({ producer }: ConsumingCluster, isOver: () => boolean): Promise<number> {
  let next = 0
  const sendOn = async (): Promise<void> => {
    while (!isOver()) {
      const number = next++
      await producer.send({ topic: 'Orders', body: String(number) }, { shardingKey: String(number) })
    }
  }
  await Promise.all(Array.from({ length: 2 }, sendOn))
  return next
}

/** How often a handler ended for each message, over all members of the group. */
class Handled {
  readonly all = new Watched<string>()
  readonly twice: string[] = []

  listen(consumer: DefaultMQPushConsumer, options: { orderly: boolean }): void {
    consumer.listen(async ({ body }) => {
      // Some handlers take a few turns, so that a close finds them at work.
      for (let turns = Number(String(body)) % 5; turns > 0; turns--) await nextTurn()
      const number = String(body)
      if (this.all.seen.has(number)) this.twice.push(number)
      this.all.add(number)
    }, options)
  }
}

describe.each([
  ['concurrently', false],
  ['in order', true],
])('members that consume %s under load, one started when the one before has closed', (_, orderly) => {
  test('handle each message once, over all of their starts and closes', { timeout: 60_000 }, async () => {
    await using cluster = await ConsumingCluster.start()
    await cluster.makeTopic('Orders', 4)
    const handled = new Handled()
    let isOver = false
    const sending = sendUntil(cluster, () => isOver)
    for (let round = 0; round < 6; round++) {
      const member = cluster.consumer()
      handled.listen(member, { orderly })
      await member.start()
      const enough = handled.all.seen.size + 1 + round * 40
      await handled.all.until(({ size }) => size >= enough)
      await member.close()
    }
    isOver = true
    const sent = await sending
    const last = cluster.consumer()
    handled.listen(last, { orderly })
    await last.start()
    await handled.all.until(({ size }) => size === sent)
    await last.close()
    expect(handled.twice).toEqual([])
    expect(await Promise.all([0, 1, 2, 3].map((queueId) => cluster.committedOffset(queueId)))).toEqual(
      [0, 1, 2, 3].map((queueId) => cluster.broker.messageStore.getMaxOffsetInQueue('Orders', queueId)),
    )
  })
})

test('members that come and go beside others lose nothing', { timeout: 60_000 }, async () => {
  await using cluster = await ConsumingCluster.start()
  await cluster.makeTopic('Orders', 4)
  const handled = new Handled()
  let isOver = false
  const sending = sendUntil(cluster, () => isOver)
  const start = async (): Promise<DefaultMQPushConsumer> => {
    const member = cluster.consumer()
    handled.listen(member, { orderly: false })
    await member.start()
    return member
  }
  let [older, younger] = [await start(), await start()]
  for (let round = 0; round < 4; round++) {
    const enough = handled.all.seen.size + 100
    await handled.all.until(({ size }) => size >= enough)
    await older.close()
    older = younger
    younger = await start()
  }
  isOver = true
  const sent = await sending
  await handled.all.until(({ size }) => size === sent)
  expect(handled.all.seen.size).toBe(sent)
})
