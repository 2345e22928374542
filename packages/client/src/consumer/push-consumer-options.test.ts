import { SimulatedRuntime } from '@mq/remoting/testing'
import { expect, test } from 'vitest'
import { type PushConsumerOptions, resolvePushConsumerConfig } from './push-consumer-options.js'

const given = { consumerGroup: 'billing', namesrvAddr: 'n:9876', runtime: new SimulatedRuntime({ seed: 1 }) }

test('the defaults are those of Java', () => {
  expect(resolvePushConsumerConfig(given)).toMatchObject({
    consumerGroup: 'billing',
    retryTopic: '%RETRY%billing',
    messageModel: 'CLUSTERING',
    consumeFromWhere: 'CONSUME_FROM_LAST_OFFSET',
    consumeTimestamp: Date.UTC(2025, 11, 31, 23, 30),
    consumeThreadMax: 20,
    consumeConcurrentlyMaxSpan: 2000,
    pullThresholdForQueue: 1000,
    pullThresholdSizeForQueue: 100,
    pullThresholdForTopic: -1,
    pullThresholdSizeForTopic: -1,
    pullInterval: 0,
    consumeMessageBatchMaxSize: 1,
    pullBatchSize: 32,
    pullBatchSizeInBytes: 262_144,
    pullTimeDelayMillsWhenException: 1000,
    postSubscriptionWhenPull: false,
    maxReconsumeTimes: -1,
    suspendCurrentQueueTimeMillis: 1000,
    consumeTimeout: 15,
  })
})

test.each<[string, Partial<PushConsumerOptions>]>([
  ['consumerGroup', { consumerGroup: 'DEFAULT_CONSUMER' }],
  ['consumerGroup', { consumerGroup: 'x'.repeat(121) }],
  ['messageModel', { messageModel: 'SHARED' as 'CLUSTERING' }],
  ['consumeFromWhere', { consumeFromWhere: 'THE_END' as 'CONSUME_FROM_LAST_OFFSET' }],
  ['consumeTimestamp', { consumeTimestamp: '2025-01-01' }],
  ['consumeThreadMax', { consumeThreadMax: 1001 }],
  ['consumeConcurrentlyMaxSpan', { consumeConcurrentlyMaxSpan: 65_536 }],
  ['pullThresholdForQueue', { pullThresholdForQueue: 0 }],
  ['pullThresholdSizeForQueue', { pullThresholdSizeForQueue: 1025 }],
  ['pullThresholdForTopic', { pullThresholdForTopic: 0 }],
  ['pullThresholdSizeForTopic', { pullThresholdSizeForTopic: 102_401 }],
  ['pullInterval', { pullInterval: -1 }],
  ['pullBatchSize', { pullBatchSize: 1025 }],
  ['consumeMessageBatchMaxSize', { consumeMessageBatchMaxSize: 1.5 }],
  ['maxReconsumeTimes', { maxReconsumeTimes: -2 }],
  ['consumeTimeout', { consumeTimeout: 0 }],
])('a %s that cannot be used is refused by name', (option, part) => {
  expect(() => resolvePushConsumerConfig({ ...given, ...part })).toThrow(
    expect.objectContaining({ code: 'CLIENT_CONFIG', message: expect.stringContaining(option) as string }) as Error,
  )
})

test('a time may be written as Java writes it', () => {
  const { consumeTimestamp } = resolvePushConsumerConfig({ ...given, consumeTimestamp: '20250131235959' })
  expect(consumeTimestamp).toBe(new Date(2025, 0, 31, 23, 59, 59).getTime())
})

test('a consumer that shares messages has an id of its own, one that broadcasts the same after a restart', () => {
  const idOf = (part: Partial<PushConsumerOptions>): string => {
    return resolvePushConsumerConfig({ ...given, clientIP: '1.2.3.4', ...part }).client.clientId
  }
  expect(idOf({})).not.toBe(idOf({}))
  expect(idOf({ messageModel: 'BROADCASTING' })).toBe('1.2.3.4@DEFAULT')
  expect(idOf({ messageModel: 'BROADCASTING', instanceName: 'shop' })).toBe('1.2.3.4@shop')
})

test('group and retry topic carry the namespace', () => {
  const { consumerGroup, retryTopic } = resolvePushConsumerConfig({ ...given, namespace: 'ns' })
  expect([consumerGroup, retryTopic]).toEqual(['ns%billing', '%RETRY%ns%billing'])
})
