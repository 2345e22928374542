import { readdir, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { allCommands, type Field, type RemotingCommand, ResponseCode, SendMessage } from '@mq/remoting'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { AttackedCluster } from './attacked-cluster.js'
import { RawPeer, rawRequest } from './raw-peer.js'
import { storedMessages } from './stored-messages.js'

let cluster: AttackedCluster

beforeAll(async () => {
  cluster = await AttackedCluster.start()
})
afterAll(() => cluster[Symbol.asyncDispose]())
afterEach(async () => {
  expect(await cluster.serveHonestClients()).toEqual(['SEND_OK', 'SEND_OK'])
  expect(cluster.defects).toEqual([])
  expect(Object.keys(Object.prototype)).toEqual([])
  expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
})

/** Every header field of any command, by wire name. */
function everyField(textOf: (field: Field) => string): Record<string, string> {
  const fields = allCommands.flatMap(({ requestHeader }) => Object.entries(requestHeader.fields))
  return Object.fromEntries(fields.map(([key, field]) => [field.wireName ?? key, textOf(field)]))
}

/** Sends each request and waits until it is answered, or its connection closed, upon which the next gets a new one. */
async function sendEach(
  address: string,
  requests: Iterable<RemotingCommand>,
): Promise<Array<RemotingCommand | undefined>> {
  let peer = await RawPeer.connect(address)
  const answers: Array<RemotingCommand | undefined> = []
  for (const request of requests) {
    if (peer.isClosed) peer = await RawPeer.connect(address)
    answers.push(await peer.ask(request))
  }
  peer[Symbol.dispose]()
  return answers
}

const sendFields = (over: Readonly<Record<string, string>> = {}): Record<string, string> => ({
  ...SendMessage.requestHeader.encode({
    producerGroup: 'p',
    topic: 'Orders',
    defaultTopic: 'TBW102',
    defaultTopicQueueNums: 1,
    queueId: 0,
    sysFlag: 0,
    bornTimestamp: 0,
    flag: 0,
  }),
  ...over,
})

const codeOf = (answer: RemotingCommand | undefined): number | undefined => answer?.code

describe.each(['broker', 'name server'] as const)('the %s', (server) => {
  it.each<[string, Readonly<Record<string, string>>, string | undefined]>([
    ['nothing', {}, undefined],
    ['a body that means nothing', {}, 'nonsense \u0000\uffff'],
    ['fields and a body that mean nothing', everyField(() => '\u0000nonsense'), '{"a":[1,'],
    ['numbers beyond every range', everyField(() => '99999999999999999999'), '[]'],
    ['negative numbers', everyField(() => '-1'), 'null'],
    ['ones', everyField(() => '1'), '{}'],
    ['fields that mean something in JavaScript', everyField(() => '__proto__'), '{"__proto__":{"polluted":1}}'],
    ['a body nested too deep', everyField(() => 'x'), '{"a":'.repeat(50_000)],
  ])('answers every command of the protocol that holds %s, or closes the connection', async (_, fields, body) => {
    const requests = allCommands.map(({ code }) => rawRequest(code, fields, body))
    const answers = await sendEach(cluster.addressOf(server), requests)
    const unserved = answers.filter((answer) => codeOf(answer) === ResponseCode.REQUEST_CODE_NOT_SUPPORTED)
    expect(unserved.length).toBeLessThan(allCommands.length)
  })

  it.each([0, -1, 9999, 32_768, 2_147_483_647, -2_147_483_648])(
    'says that it does not know the code %d',
    async (code) => {
      const [answer] = await sendEach(cluster.addressOf(server), [rawRequest(code)])
      expect(answer).toMatchObject({
        code: ResponseCode.REQUEST_CODE_NOT_SUPPORTED,
        remark: ` request type ${code} not supported`,
      })
    },
  )
})

describe('a send', () => {
  it.each([
    'producerGroup',
    'topic',
    'defaultTopic',
    'defaultTopicQueueNums',
    'queueId',
    'sysFlag',
    'bornTimestamp',
    'flag',
  ])('without %s is a system error that names the field', async (field) => {
    const { [field]: _, ...fields } = sendFields()
    const [answer] = await sendEach(cluster.broker.address, [rawRequest(SendMessage.code, fields, 'x')])
    expect(answer).toMatchObject({ code: ResponseCode.SYSTEM_ERROR, remark: expect.stringContaining(field) as string })
  })

  it.each(['', 'x', '1.0', '1e3', '0x1', ' 1', '2147483648', 'NaN', '٣'])(
    'to the queue "%s" is a system error',
    async (queueId) => {
      const [answer] = await sendEach(cluster.broker.address, [
        rawRequest(SendMessage.code, sendFields({ queueId }), 'x'),
      ])
      expect(answer).toMatchObject({
        code: ResponseCode.SYSTEM_ERROR,
        remark: expect.stringContaining('queueId') as string,
      })
    },
  )

  it('of a body over the limit is refused, and the next on its connection is not', async () => {
    const bodies = [Buffer.alloc(4_194_305), Buffer.alloc(4_194_304), Buffer.alloc(16_000_000)]
    const requests = bodies.map((body) => rawRequest(SendMessage.code, sendFields(), body))
    const answers = await sendEach(cluster.broker.address, [
      ...requests,
      rawRequest(SendMessage.code, sendFields(), 'x'),
    ])
    const { MESSAGE_ILLEGAL, SUCCESS } = ResponseCode
    expect(answers.map(codeOf)).toEqual([MESSAGE_ILLEGAL, SUCCESS, MESSAGE_ILLEGAL, SUCCESS])
  })

  it('of a batch that is none stores nothing', async () => {
    const bodies = ['', 'nonsense', '\u0000'.repeat(22), '\u00ff'.repeat(100)].map((text) =>
      Buffer.from(text, 'latin1'),
    )
    const claims = [0, 1, 21, 23, 0x7fffffff, -1].map((size) => {
      const entry = Buffer.alloc(22)
      entry.writeInt32BE(size)
      return entry
    })
    const fields = sendFields({ topic: 'Batched', batch: 'true' })
    const requests = [...bodies, ...claims].map((body) => rawRequest(SendMessage.code, fields, body))
    const answers = await sendEach(cluster.broker.address, requests)
    expect(answers.map(codeOf)).not.toContain(ResponseCode.SUCCESS)
    expect(cluster.broker.messageStore.getMaxOffsetInQueue('Batched', 0)).toBe(0)
  })

  it('with names that mean something in JavaScript is one like any other', async () => {
    const names = ['__proto__', 'constructor', 'toString', 'hasOwnProperty']
    const properties = names.map((name) => `${name}\u0001polluted\u0002`).join('')
    const extra = Object.fromEntries(names.map((name) => [name, 'polluted']))
    const requests = names.map((topic) =>
      rawRequest(SendMessage.code, sendFields({ ...extra, topic, producerGroup: topic, properties }), topic),
    )
    const answers = await sendEach(cluster.broker.address, requests)
    expect(answers.map(codeOf)).toEqual(names.map(() => ResponseCode.SUCCESS))
    for (const topic of names) {
      const [message] = await storedMessages(cluster.nameServer.address, topic)
      expect(String(message!.body)).toBe(topic)
      expect(names.map((name) => message!.properties.get(name))).toEqual(names.map(() => 'polluted'))
    }
  })
})

describe('a name that leads out of the store', () => {
  const storeFile =
    /^store(\/(abort|abort\.bak|checkpoint|lock|lock\.pid)|\/(commitlog|config|consumequeue|index)(\/.+)?)?$/
  /** Requests that carry the name wherever one is taken from the wire. */
  function requestsWith(name: string): RemotingCommand[] {
    const fields = everyField(({ kind, values }) => (kind === 'string' ? name : (values?.[0] ?? '1')))
    const topicConfig = {
      topicName: name,
      readQueueNums: 1,
      writeQueueNums: 1,
      perm: 6,
      order: false,
      topicFilterType: 'SINGLE_TAG',
      topicSysFlag: 0,
    }
    const dataVersion = { timestamp: 1, counter: 1, stateVersion: 0 }
    const body = JSON.stringify({
      clientID: name,
      groupName: name,
      producerDataSet: [{ groupName: name }],
      consumerDataSet: [
        {
          groupName: name,
          consumeType: 'CONSUME_PASSIVELY',
          messageModel: 'CLUSTERING',
          subscriptionDataSet: [{ topic: name }],
        },
      ],
      topicConfigList: [topicConfig],
      topicConfigSerializeWrapper: { topicConfigTable: { [name]: topicConfig }, dataVersion },
      filterServerList: [name],
      queueDatas: [{ brokerName: name, readQueueNums: 1, writeQueueNums: 1, perm: 6 }],
      brokerDatas: [],
      topic: name,
      group: name,
    })
    return allCommands.map(({ code }) => rawRequest(code, fields, body))
  }

  it.each([
    '../../NAME',
    '../NAME',
    'NAME/../../../NAME',
    '/tmp/NAME',
    'NAME\u0000',
    '..\\..\\NAME',
    '%RETRY%../../NAME',
    '%DLQ%/../../NAME',
    '..',
    '.',
  ])('%j is no name of a file, in whatever request to broker and name server it comes', async (pattern) => {
    const name = pattern.replaceAll('NAME', cluster.token)
    for (const server of ['broker', 'name server'] as const) {
      await sendEach(cluster.addressOf(server), requestsWith(name))
    }
    const send = rawRequest(SendMessage.code, sendFields({ topic: name }), 'x')
    const [sent] = await sendEach(cluster.broker.address, [send])
    expect(codeOf(sent)).toBe(ResponseCode.INVALID_PARAMETER)
    const paths = await cluster.paths()
    expect(paths.filter((path) => !storeFile.test(path))).toEqual([])
    expect([...paths, ...(await readdir(tmpdir()))].filter((path) => path.includes(cluster.token))).toEqual([])
    for (const table of ['topics.json', 'subscriptionGroup.json']) {
      expect(await readFile(join(cluster.folder, 'store/config', table), 'utf8')).not.toContain(JSON.stringify(name))
    }
  })
})
