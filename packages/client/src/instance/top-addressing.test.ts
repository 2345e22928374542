import { type ByteStream, silentLogger } from '@mq/remoting'
import { SimulatedRuntime } from '@mq/remoting/testing'
import { expect, test } from 'vitest'
import { fetchNameServerAddresses, topAddressingPath } from './top-addressing.js'

/** Asks a server that answers each connection so; resolves with the result and the request as the server saw it. */
async function ask(
  respond: (stream: ByteStream) => void,
): Promise<{ addresses: string | undefined; request: string; elapsedMs: number }> {
  const runtime = new SimulatedRuntime({ seed: 1 })
  let request = ''
  await runtime.network.listen({
    host: '127.0.0.1',
    port: 8080,
    onConnection(stream) {
      stream.open({
        onData(chunk) {
          request += chunk.toString('latin1')
          if (request.endsWith('\r\n\r\n')) respond(stream)
        },
        onDrain() {},
        onClose() {},
      })
    },
  })
  const options = { runtime, logger: silentLogger, domain: '127.0.0.1:8080', subgroup: 'nsaddr', unitName: undefined }
  const addresses = await runtime.run(fetchNameServerAddresses(options))
  return { addresses, request, elapsedMs: runtime.clock.monotonic() }
}

const answerWith = (text: string) => (stream: ByteStream) => {
  stream.write(Buffer.from(text))
  stream.end()
}

test('the first line of a 200 answer is taken', async () => {
  const { addresses, request } = await ask(answerWith('HTTP/1.1 200 OK\r\nServer: x\r\n\r\na:1;b:2 \r\nmore'))
  expect(addresses).toBe('a:1;b:2')
  expect(request).toContain('GET /rocketmq/nsaddr HTTP/1.0\r\nHost: 127.0.0.1:8080\r\n')
})

test.each([
  ['another status', answerWith('HTTP/1.1 404 Not Found\r\n\r\na:1')],
  ['an empty body', answerWith('HTTP/1.1 200 OK\r\n\r\n')],
  ['something that is no HTTP', answerWith('220 smtp ready\r\n')],
  ['an endless answer', (stream: ByteStream) => void stream.write(Buffer.alloc(100_000))],
  ['a hang-up', (stream: ByteStream) => stream.destroy()],
])('%s gives no addresses', async (_what, respond) => {
  expect((await ask(respond)).addresses).toBeUndefined()
})

test('a server that never answers is given up after 3 s', async () => {
  const { addresses, elapsedMs } = await ask(() => {})
  expect(addresses).toBeUndefined()
  expect(elapsedMs).toBeGreaterThanOrEqual(3000)
  expect(elapsedMs).toBeLessThan(3010)
})

test('a unit asks for its own list', () => {
  expect(topAddressingPath({ subgroup: 'ns', unitName: 'u1' })).toBe('/rocketmq/ns-u1?nofix=1')
})
