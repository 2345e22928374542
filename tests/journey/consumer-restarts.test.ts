import { setImmediate as nextTurn } from 'node:timers/promises'
import type { DefaultMQPushConsumer } from '@mq/client'
import { describe, expect, test } from 'vitest'
import { ConsumingCluster, Watched, withResolvers } from './consuming-cluster.js'

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

/** What handlers have finished, over all members of the group. */
class Handled {
  readonly all = new Watched<string>()
  readonly twice: string[] = []

  /** Sets the handler of a member, whose first calls, as many as said, go on until the member closes, and for a while longer. */
  listen(member: DefaultMQPushConsumer, options: { orderly: boolean; slow: number }): { close(): Promise<void> } {
    const closing = withResolvers()
    let slow = options.slow
    member.listen(async ({ body }) => {
      if (slow-- > 0) {
        await closing.promise
        for (let turn = 0; turn < 200; turn++) await nextTurn()
      }
      const number = String(body)
      if (this.all.seen.has(number)) this.twice.push(number)
      this.all.add(number)
    }, options)
    return {
      close: () => {
        closing.resolve(undefined)
        return member.close()
      },
    }
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
      const working = handled.listen(member, { orderly, slow: 2 })
      await member.start()
      const enough = handled.all.seen.size + 1 + round * 40
      await handled.all.until(({ size }) => size >= enough)
      await working.close()
    }
    isOver = true
    const sent = await sending
    const last = cluster.consumer()
    handled.listen(last, { orderly, slow: 0 })
    await last.start()
    await handled.all.until(({ size }) => size === sent)
    await last.close()
    expect(handled.twice).toEqual([])
    // Nor was anything sent back, to be delivered again later: the first retry would wait at level 3.
    expect(cluster.broker.messageStore.getMaxOffsetInQueue('SCHEDULE_TOPIC_XXXX', 2)).toBe(0)
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
    handled.listen(member, { orderly: false, slow: 0 })
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
