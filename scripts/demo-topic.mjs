// The topic of the demo: made before anything is sent, so that its consumer is there for the first message.
import { DefaultMQProducer } from '../packages/client/dist/index.js'

const queueNum = 4

/** Makes sure that a topic exists; resolves with how many messages lie in it. */
export async function ensureTopic(namesrvAddr, topic) {
  const admin = new DefaultMQProducer({ producerGroup: 'demo', namesrvAddr })
  await admin.start()
  try {
    await admin.createTopic({ key: 'TBW102', newTopic: topic, queueNum })
    const queues = await admin.fetchPublishMessageQueues(topic)
    const counts = queues.map(async (queue) => (await admin.maxOffset(queue)) - (await admin.minOffset(queue)))
    return (await Promise.all(counts)).reduce((sum, count) => sum + count, 0)
  } finally {
    await admin.close()
  }
}
