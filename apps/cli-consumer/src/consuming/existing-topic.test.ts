import { type MessageQueue, NoRouteError } from '@mq/client'
import { describe, expect, it } from 'vitest'
import { untilTopicExists } from './existing-topic.js'

const queue: MessageQueue = { topic: 'T', brokerName: 'a', queueId: 0 }
const missing = (code: string): NoRouteError => new NoRouteError('no route', { code })

/** Answers one look after the other; the last answer is that of all later ones. */
function looks(...answers: Array<Error | readonly MessageQueue[]>): () => Promise<readonly MessageQueue[]> {
  let index = 0
  return async () => {
    const answer = answers[Math.min(index++, answers.length - 1)]!
    if (answer instanceof Error) throw answer
    return answer
  }
}

describe('untilTopicExists', () => {
  const over = new AbortController().signal

  it('finds a topic that is there without a word', async () => {
    let told = 0
    const found = await untilTopicExists({ fetchQueues: looks([queue]), onMissing: () => told++, over })
    expect([found, told]).toEqual([{ queues: [queue], isNew: false }, 0])
  })

  it('waits for a topic that is not there, says so once, and knows that it is new', async () => {
    let told = 0
    const fetchQueues = looks(missing('TOPIC_NOT_FOUND'), [], missing('NAME_SERVER_UNREACHABLE'), [queue])
    const found = await untilTopicExists({ fetchQueues, onMissing: () => told++, over, intervalMs: 1 })
    expect([found, told]).toEqual([{ queues: [queue], isNew: true }, 1])
  })

  it.each(['NAME_SERVER_UNREACHABLE', 'NO_BROKER_REGISTERED'])('fails when the first look says %s', async (code) => {
    const error = missing(code)
    await expect(untilTopicExists({ fetchQueues: looks(error), onMissing: () => {}, over })).rejects.toBe(error)
  })

  it('waits no longer than anybody wants it', async () => {
    const stop = new AbortController()
    const search = { fetchQueues: looks([]), onMissing: () => stop.abort(), over: stop.signal }
    expect(await untilTopicExists(search)).toBeUndefined()
  })
})
