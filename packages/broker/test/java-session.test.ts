import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  createExtFields,
  LanguageCode,
  type MessageExt,
  parseJavaJson,
  RemotingClient,
  RemotingCommand,
  readRecords,
} from '@mq/remoting'
import { SimulatedRuntime } from '@mq/remoting/testing'
import { expect, test } from 'vitest'
import { SimulatedBroker } from './simulated-broker.js'

type Body = { readonly hex: string } | { readonly text: string }

/** A request of a Java client or of mqadmin to an Apache RocketMQ 5.4.0 broker, and the broker's answer. */
interface Exchange {
  /** What the client was doing. */
  readonly from: string
  readonly connection: number
  readonly code: number
  readonly flag: number
  readonly extFields: Readonly<Record<string, string>> | null
  /** True for a ROCKETMQ header. */
  readonly binary?: true
  readonly body?: Body
  /** Absent for a one-way request. */
  readonly answer?: {
    readonly code: number
    readonly extFields: Readonly<Record<string, string>>
    readonly remark?: string
    readonly body?: Body
  }
}

const JAVA_VERSION = 493
/** Codes whose body is stored messages. */
const messageCodes = new Set([11, 12, 33])
const RUNTIME_INFO = 28
/** When the Java broker started: the tools ask for messages of the last days. */
const startMs = 1_795_349_127_157

/** What differs with the clock, the port of the client, or the machine. */
const volatile = new Set(['lastUpdateTimestamp', 'topicPutTps', 'clientAddr', 'remoteIP', 'indexLastUpdateTimestamp'])

function bytesOf(body: Body | undefined): Buffer | undefined {
  if (body === undefined) return undefined
  return 'hex' in body ? Buffer.from(body.hex, 'hex') : Buffer.from(body.text, 'utf8')
}

function stable(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(stable)
  if (typeof value !== 'object' || value === null) return value
  const members = Object.entries(value).map(([key, member]): [string, unknown] => {
    return [key, volatile.has(key) ? typeof member : stable(member)]
  })
  return Object.fromEntries(members)
}

function stableMessage(message: MessageExt): object {
  const { bornHost, storeTimestamp: _storeTimestamp, ...rest } = message
  return { ...rest, bornHost: bornHost.ip.length, properties: new Map([...rest.properties].sort()) }
}

function comparableBody(code: number, body: Buffer | undefined): unknown {
  if (body === undefined || body.length === 0) return undefined
  if (messageCodes.has(code)) return readRecords(body).map(stableMessage)
  const value = stable(parseJavaJson(body.toString('utf8')))
  if (code !== RUNTIME_INFO) return value
  return Object.keys((value as { table: object }).table).sort()
}

async function recordedSession(): Promise<Exchange[]> {
  const text = await readFile(join(import.meta.dirname, 'golden', 'java-session.golden'), 'utf8')
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Exchange)
}

/** The remark of a failure may say more than Java's, but begins with it where a tool looks for it. */
const matchedRemarks: ReadonlySet<string> = new Set([
  'the producer group[nobody] not exist',
  'the consumer group[java-reader] not online',
  'The topic[TBW102] is conflict with system topic.',
  'can not find message by the offset, 983040',
  'can not find message, maybe time range not correct',
])

test('a session of Java clients and mqadmin gets the answers that the Java broker gave, field by field', async () => {
  const runtime = new SimulatedRuntime({ seed: 1, startMs })
  await using rig = new SimulatedBroker({ runtime })
  await rig.start({
    brokerName: 'java-broker',
    brokerClusterName: 'InteropCluster',
    brokerIP1: '127.0.0.2',
    listenPort: 30_911,
  })
  const session = await recordedSession()
  const clients = new Map<number, RemotingClient>()
  for (const [index, exchange] of session.entries()) {
    const { connection, binary } = exchange
    const serializeType = binary === true ? 'ROCKETMQ' : 'JSON'
    const client = clients.get(connection) ?? new RemotingClient({ runtime: rig.host('10.0.8.2'), serializeType })
    clients.set(connection, client)
    await replay(exchange, rig, client)
    if (session.some((later, at) => at > index && later.connection === connection)) continue
    await rig.run(client.close())
    await runtime.advance(1)
  }
})

async function replay(exchange: Exchange, rig: SimulatedBroker, client: RemotingClient): Promise<void> {
  const { answer: java, code, from } = exchange
  const request = new RemotingCommand(code)
  request.language = LanguageCode.JAVA
  request.version = JAVA_VERSION
  request.extFields = exchange.extFields ? createExtFields(exchange.extFields) : undefined
  request.body = bytesOf(exchange.body)
  const address = '10.0.1.1:30911'
  if (java === undefined) {
    await rig.run(client.invokeOneway(address, request, { timeoutMs: 1000 }) ?? Promise.resolve())
    await rig.runtime.advance(5)
    return
  }
  const ours = await rig.run(client.invokeSync(address, request, { timeoutMs: 1000 }))
  const about = `${from}: ${code} ${JSON.stringify(exchange.extFields)}`
  expect(ours.code, `${about} ${ours.remark}`).toBe(java.code)
  expect(stable({ ...ours.extFields }), about).toEqual(stable(java.extFields))
  expect(comparableBody(code, ours.body), about).toEqual(comparableBody(code, bytesOf(java.body)))
  if (java.remark !== undefined && matchedRemarks.has(java.remark)) {
    expect(ours.remark?.startsWith(java.remark), about).toBe(true)
  }
}
