// Reads a topic as it lies on the brokers, queue by queue, by plain pulls: no consumer group, nothing committed.
import { setTimeout as delay } from 'node:timers/promises'
import {
  createRequest,
  decodeTopicRouteData,
  GetMaxOffset,
  GetMinOffset,
  GetRouteInfoByTopic,
  PullMessage,
  PullSystemFlag,
  readRecords,
  RemotingClient,
  ResponseCode,
} from '../packages/remoting/dist/index.js'

const timeoutMs = 3000
/** A group that every broker knows, meant for tools. */
const consumerGroup = 'TOOLS_CONSUMER'
/** A queue is filled from the commit log a moment after the send was acknowledged. */
const longestWaitMs = 5000

/** The queues of a topic as { address, queueId, from, to }: messages from `from` up to, not including, `to`. */
export async function queuesOf(remoting, namesrvAddr, topic) {
  const route = await remoting.invokeSync(namesrvAddr, createRequest(GetRouteInfoByTopic, { topic }), { timeoutMs })
  if (route.code === ResponseCode.TOPIC_NOT_EXIST) return []
  const { brokerDatas, queueDatas } = decodeTopicRouteData(route.body)
  const queues = queueDatas.flatMap(({ brokerName, readQueueNums }) => {
    const address = brokerDatas.find((broker) => broker.brokerName === brokerName)?.brokerAddrs.get(0)
    return Array.from({ length: readQueueNums }, (_, queueId) => ({ address, topic, queueId }))
  })
  return Promise.all(queues.map((queue) => withBounds(remoting, queue)))
}

async function withBounds(remoting, queue) {
  const { address, topic, queueId } = queue
  const bounds = [GetMinOffset, GetMaxOffset].map((command) =>
    remoting.invoke(address, command, { topic, queueId }, { timeoutMs }),
  )
  const [from, to] = (await Promise.all(bounds)).map(({ offset }) => offset)
  return { ...queue, from, to }
}

/** How many messages lie in queues. */
export function countOf(queues) {
  return queues.reduce((sum, { from, to }) => sum + to - from, 0)
}

/** The messages that queues got after they were listed as `before`. */
export async function readNewMessages(remoting, namesrvAddr, { topic, before }) {
  const queues = await queuesOf(remoting, namesrvAddr, topic)
  const unread = queues.map((queue) => {
    const seen = before.find(({ address, queueId }) => address === queue.address && queueId === queue.queueId)
    return { ...queue, from: seen?.to ?? queue.from }
  })
  return (await Promise.all(unread.map((queue) => readQueue(remoting, queue)))).flat()
}

async function readQueue(remoting, { address, topic, queueId, from, to }) {
  const messages = []
  const header = { consumerGroup, topic, queueId, maxMsgNums: 32, subscription: '*', subVersion: 0 }
  const once = { sysFlag: PullSystemFlag.SUBSCRIPTION, commitOffset: 0, suspendTimeoutMillis: 0 }
  let lastProgressMs = performance.now()
  for (let offset = from; offset < to; ) {
    const request = createRequest(PullMessage, { ...header, ...once, queueOffset: offset })
    const { code, body, remark } = await remoting.invokeSync(address, request, { timeoutMs })
    if (code === ResponseCode.SUCCESS) {
      const found = readRecords(body)
      messages.push(...found)
      offset = found.at(-1).queueOffset + 1
      lastProgressMs = performance.now()
    } else if (performance.now() - lastProgressMs > longestWaitMs) {
      throw new Error(`queue ${queueId} of ${topic} gives nothing from ${offset} on: ${remark} (code ${code})`)
    } else {
      await delay(20)
    }
  }
  return messages
}

/** A client for the functions above; close it when done. */
export function openReader() {
  return new RemotingClient()
}
