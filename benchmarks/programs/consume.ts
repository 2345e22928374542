// What our push consumer does; the twin of tests/interop/java/src/ConsumeBenchmark.java, with the same requests and answers.
import { createInterface } from 'node:readline'
import { DefaultMQProducer, DefaultMQPushConsumer, type MessageExt } from '@mq/client'

const namesrvAddr = process.argv[2] ?? ''

interface Request {
  readonly kind: 'rate' | 'latency'
  readonly topic: string
  readonly group: string
  readonly count: number
  readonly perSecond: number
  readonly seconds: number
}

async function consumer(
  { topic, group }: Request,
  onMessage: (message: MessageExt) => void,
): Promise<DefaultMQPushConsumer> {
  const made = new DefaultMQPushConsumer({
    consumerGroup: group,
    namesrvAddr,
    consumeFromWhere: 'CONSUME_FROM_FIRST_OFFSET',
  })
  made.subscribe(topic)
  made.listen(onMessage)
  await made.start()
  return made
}

async function rate(request: Request): Promise<object> {
  let seen = 0
  let startedAt = 0
  let seconds = 0
  let finish = (): void => {}
  const done = new Promise<void>((resolve) => (finish = resolve))
  const consuming = await consumer(request, () => {
    if (seen++ === 0) startedAt = performance.now()
    if (seen < request.count) return
    seconds = (performance.now() - startedAt) / 1000
    finish()
  })
  await done
  await consuming.close()
  return { seconds }
}

async function latency(request: Request): Promise<object> {
  const count = request.perSecond * request.seconds
  const micros: number[] = []
  let finish = (): void => {}
  const done = new Promise<void>((resolve) => (finish = resolve))
  const consuming = await consumer(request, ({ body }) => {
    micros.push((performance.now() - body.readDoubleBE(0)) * 1000)
    if (micros.length === count) finish()
  })
  // Until it has its queues.
  await new Promise((resolve) => setTimeout(resolve, 3000))
  const producer = new DefaultMQProducer({ producerGroup: `${request.group}_producer`, namesrvAddr })
  await producer.start()
  const startedAt = performance.now()
  let sent = 0
  const timer = setInterval(() => {
    const due = Math.min(count, Math.floor(((performance.now() - startedAt) * request.perSecond) / 1000))
    for (; sent < due; sent++) {
      const body = Buffer.alloc(1024)
      body.writeDoubleBE(performance.now())
      void producer.sendAsync({ topic: request.topic, body }, { onSuccess() {}, onException() {} })
    }
    if (sent === count) clearInterval(timer)
  }, 1)
  await done
  await producer.close()
  await consuming.close()
  return { micros }
}

for await (const line of createInterface({ input: process.stdin })) {
  const request = JSON.parse(line) as Request
  const answered = request.kind === 'rate' ? await rate(request) : await latency(request)
  process.stdout.write(`${JSON.stringify(answered)}\n`)
}
