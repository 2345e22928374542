import { DefaultMQProducer } from '@mq/client'
import { createRequest, encodeFrame, PullMessage, PullSystemFlag } from '@mq/remoting'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { AttackedCluster } from './attacked-cluster.js'
import { RawPeer, rawRequest } from './raw-peer.js'

const mebibyte = 1024 * 1024
/** One byte more than the largest frame. */
const tooLong = 16 * mebibyte + 1

let cluster: AttackedCluster

beforeEach(async () => {
  cluster = await AttackedCluster.start()
})
afterEach(async () => {
  await using _ = cluster
  expect(await cluster.serveHonestClients()).toEqual(['SEND_OK', 'SEND_OK'])
  expect(cluster.defects).toEqual([])
})

/** A frame's first words: its length, and the length of its header with the serialize type in the top byte. */
function words(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(4 * values.length)
  for (const [index, value] of values.entries()) bytes.writeInt32BE(value | 0, 4 * index)
  return bytes
}

function frameWithHeader(header: Buffer | string, serializeType = 0): Buffer {
  const bytes = Buffer.from(header)
  return Buffer.concat([words(4 + bytes.length, (serializeType << 24) | bytes.length), bytes])
}

/** Bytes of Buffers that this process, the servers in it included, holds outside of its heap. */
const bufferBytes = (): number => process.memoryUsage().arrayBuffers

describe.each(['broker', 'name server'] as const)('the %s', (server) => {
  const connect = (): Promise<RawPeer> => RawPeer.connect(cluster.addressOf(server))

  it.each<[string, Buffer]>([
    ['is one byte over the largest frame', words(tooLong, 0)],
    ['is the largest number', words(0x7fffffff, 0)],
    ['is -1', words(-1, 0)],
    ['is the smallest number', words(-0x80000000, 0)],
    ['is 0', words(0, 0)],
    ['has no room for the word behind it', words(3, 0)],
  ])('closes a connection whose frame length %s', async (_, bytes) => {
    using peer = await connect()
    peer.write(bytes)
    await peer.closed
  })

  it.each<[string, Buffer]>([
    ['is longer than its frame', words(8, 5, 0)],
    ['takes all 24 bits in a small frame', words(8, 0xffffff, 0)],
    ['is empty', words(4, 0)],
    ['is no JSON', frameWithHeader('not json')],
    ['is JSON cut short', frameWithHeader('{"code":10,"extFields":{"a"')],
    ['is an array', frameWithHeader('[1,2]')],
    ['is null', frameWithHeader('null')],
    ['is nested a hundred thousand deep', frameWithHeader('{"extFields":'.repeat(100_000))],
    ['is no UTF-8', frameWithHeader(Buffer.alloc(50, 0xff))],
    ['has an unknown serialize type', frameWithHeader('{"code":10}', 7)],
    ['is binary and ends within its fixed part', frameWithHeader(Buffer.alloc(10), 1)],
    ['is binary with a remark longer than itself', frameWithHeader(Buffer.alloc(21, 0x7f), 1)],
    ['is binary with a negative length of its fields', frameWithHeader(Buffer.alloc(21, 0xff), 1)],
  ])('closes a connection whose header %s', async (_, bytes) => {
    using peer = await connect()
    peer.write(bytes)
    await peer.closed
  })

  it.each<[string, Buffer]>([
    ['a TLS handshake', Buffer.from('16030100b0010000ac0303', 'hex')],
    ['an HTTP request', Buffer.from('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')],
    ['an SSH greeting', Buffer.from('SSH-2.0-OpenSSH_9.6\r\n')],
  ])('closes a connection that begins with %s', async (_, bytes) => {
    using peer = await connect()
    peer.write(bytes)
    await peer.closed
  })

  it('takes no memory for frames that are announced and do not come', async () => {
    const before = bufferBytes()
    const peers = await Promise.all(Array.from({ length: 100 }, connect))
    for (const peer of peers) peer.write(words(16 * mebibyte - 4, 100))
    await cluster.serveHonestClients()
    expect(bufferBytes() - before).toBeLessThan(32 * mebibyte)
    cluster.passTime(10_001)
    await Promise.all(peers.map((peer) => peer.closed))
  })

  it('closes a connection on which a frame is begun and not ended, be it the first or a later one', async () => {
    using first = await connect()
    using later = await connect()
    const frame = encodeFrame(rawRequest(30_000))
    first.write(frame.subarray(0, frame.length - 1))
    await later.ask(rawRequest(30_000))
    later.write(frame.subarray(0, 3))
    await cluster.serveHonestClients()
    expect([first.isClosed, later.isClosed]).toEqual([false, false])
    cluster.passTime(15_001)
    await Promise.all([first.closed, later.closed])
  })

  it('closes five hundred connections that send nothing, and serves others meanwhile', async () => {
    const peers = await Promise.all(Array.from({ length: 500 }, connect))
    expect(await cluster.serveHonestClients()).toEqual(['SEND_OK', 'SEND_OK'])
    expect(peers.filter((peer) => peer.isClosed)).toEqual([])
    cluster.passTime(10_001)
    await Promise.all(peers.map((peer) => peer.closed))
  })
})

describe('the broker', () => {
  it('holds a bounded number of bytes for a peer that asks for much and reads nothing', async () => {
    await using producer = new DefaultMQProducer({
      producerGroup: 'unread',
      namesrvAddr: cluster.nameServer.address,
      compressMsgBodyOverHowmuch: mebibyte,
    })
    await producer.start()
    const topic = 'Unread'
    const sends = Array.from({ length: 8 }, () =>
      producer.send({ topic, body: Buffer.alloc(30_000) }, { shardingKey: 'one queue' }),
    )
    const [sent] = await Promise.all(sends)
    const pull = createRequest(PullMessage, {
      consumerGroup: 'TOOLS_CONSUMER',
      topic,
      queueId: sent!.messageQueue.queueId,
      queueOffset: 0,
      maxMsgNums: 32,
      sysFlag: PullSystemFlag.SUBSCRIPTION,
      commitOffset: 0,
      suspendTimeoutMillis: 0,
      subscription: '*',
      subVersion: 0,
    })
    using reader = await RawPeer.connect(cluster.broker.address)
    expect((await reader.ask(pull))?.body?.length).toBeGreaterThan(200_000)
    reader.socket.pause()
    const before = bufferBytes()
    for (let count = 0; count < 10_000; count++) reader.send(pull)
    for (let round = 0; round < 20; round++) {
      expect(await cluster.serveHonestClients()).toEqual(['SEND_OK', 'SEND_OK'])
      // What one read brought is answered: 64 KiB of pulls. All ten thousand would come to more than 2 GiB.
      expect(bufferBytes() - before).toBeLessThan(64 * mebibyte)
    }
  })
})
