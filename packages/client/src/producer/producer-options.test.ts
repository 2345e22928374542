import { expect, test } from 'vitest'
import { type ProducerOptions, resolveProducerConfig } from './producer-options.js'

const given = { producerGroup: 'g', namesrvAddr: 'a:1' }

test("what is left out has Java's default", () => {
  const { client: _client, retryResponseCodes, ...config } = resolveProducerConfig(given)
  expect([...retryResponseCodes].sort((a, b) => a - b)).toEqual([1, 2, 14, 16, 17, 204, 205, 1500])
  expect(config).toEqual({
    producerGroup: 'g',
    topics: [],
    createTopicKey: 'TBW102',
    sendMsgTimeout: 3000,
    sendMsgMaxTimeoutPerRequest: -1,
    retryTimesWhenSendFailed: 2,
    retryTimesWhenSendAsyncFailed: 2,
    retryAnotherBrokerWhenNotStoreOK: false,
    maxMessageSize: 4_194_304,
    compressMsgBodyOverHowmuch: 4096,
    compressType: 'ZLIB',
    compressLevel: 5,
    sendLatencyEnable: false,
    startDetectorEnable: false,
    detectTimeout: 200,
    detectInterval: 2000,
    enableBackpressureForAsyncMode: false,
    backPressureForAsyncSendNum: 1024,
    backPressureForAsyncSendSize: 104_857_600,
    asyncSenderQueueCapacity: 50_000,
    sendSmartMsg: true,
  })
})

test('group and topics are put into the namespace', () => {
  const { producerGroup, topics } = resolveProducerConfig({ ...given, namespace: 'ns', topics: ['T', 'TBW102'] })
  expect([producerGroup, ...topics]).toEqual(['ns%g', 'ns%T', 'TBW102'])
})

test.each<[string, Partial<ProducerOptions>]>([
  ['sendMsgTimeout', { sendMsgTimeout: 0 }],
  ['retryTimesWhenSendFailed', { retryTimesWhenSendFailed: -1 }],
  ['backPressureForAsyncSendNum', { backPressureForAsyncSendNum: 9 }],
  ['compressType', { compressType: 'GZIP' as 'ZLIB' }],
  ['producerGroup', { producerGroup: 'DEFAULT_PRODUCER' }],
])('a %s that cannot be used is refused by name', (option, part) => {
  expect(() => resolveProducerConfig({ ...given, ...part })).toThrow(
    expect.objectContaining({ code: 'CLIENT_CONFIG', message: expect.stringContaining(option) as string }) as Error,
  )
})
