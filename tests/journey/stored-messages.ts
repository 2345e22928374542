import {
  createRequest,
  decodeTopicRouteData,
  GetMaxOffset,
  GetRouteInfoByTopic,
  type MessageExt,
  PullMessage,
  PullSystemFlag,
  readRecords,
  RemotingClient,
  ResponseCode,
} from '@mq/remoting'

const timeoutMs = 3000

/** Every message of a topic, read from its brokers queue by queue; waits for messages acknowledged a moment ago. */
export async function storedMessages(namesrvAddr: string, topic: string): Promise<MessageExt[]> {
  await using remoting = new RemotingClient()
  const { body } = await remoting.invoke(namesrvAddr, GetRouteInfoByTopic, { topic }, { timeoutMs })
  const { brokerDatas, queueDatas } = decodeTopicRouteData(body!)
  const messages: MessageExt[] = []
  for (const { brokerName, readQueueNums } of queueDatas) {
    const address = brokerDatas.find((broker) => broker.brokerName === brokerName)!.brokerAddrs.get(0)!
    for (let queueId = 0; queueId < readQueueNums; queueId++) {
      messages.push(...(await messagesOfQueue(remoting, { address, topic, queueId })))
    }
  }
  return messages
}

/** The bodies of {@link storedMessages} as sorted text. */
export async function storedBodies(namesrvAddr: string, topic: string): Promise<string[]> {
  return (await storedMessages(namesrvAddr, topic)).map(({ body }) => String(body)).sort()
}

interface Queue {
  readonly address: string
  readonly topic: string
  readonly queueId: number
}

async function messagesOfQueue(remoting: RemotingClient, { address, topic, queueId }: Queue): Promise<MessageExt[]> {
  const { offset: maxOffset } = await remoting.invoke(address, GetMaxOffset, { topic, queueId }, { timeoutMs })
  const messages: MessageExt[] = []
  while (messages.length < maxOffset) {
    const request = createRequest(PullMessage, {
      consumerGroup: 'TOOLS_CONSUMER',
      topic,
      queueId,
      queueOffset: messages.length,
      maxMsgNums: 32,
      sysFlag: PullSystemFlag.SUBSCRIPTION,
      commitOffset: 0,
      suspendTimeoutMillis: 0,
      subscription: '*',
      subVersion: 0,
    })
    const { code, body } = await remoting.invokeSync(address, request, { timeoutMs })
    if (code === ResponseCode.SUCCESS) messages.push(...readRecords(body!))
  }
  return messages
}
