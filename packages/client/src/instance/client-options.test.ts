import { afterEach, expect, test, vi } from 'vitest'
import { resolveClientConfig } from './client-options.js'

afterEach(() => {
  vi.unstubAllEnvs()
})

test('NAMESRV_ADDR stands in for namesrvAddr, which wins over it', () => {
  vi.stubEnv('NAMESRV_ADDR', 'from.env:1')
  expect(resolveClientConfig({}).nameServerAddresses).toEqual(['from.env:1'])
  expect(resolveClientConfig({ namesrvAddr: 'given:2' }).nameServerAddresses).toEqual(['given:2'])
})

test("what is left out has Java's default", () => {
  expect(resolveClientConfig({ namesrvAddr: 'a:1' })).toMatchObject({
    pollNameServerInterval: 30_000,
    heartbeatBrokerInterval: 30_000,
    persistConsumerOffsetInterval: 5000,
    mqClientApiTimeout: 3000,
    vipChannelEnabled: false,
    useHeartbeatV2: false,
    unitMode: false,
    defaultTopicQueueNums: 4,
    serializeType: 'JSON',
    namespace: '',
  })
})

test('the namespace of an instance address is used unless another one is given', () => {
  const namesrvAddr = 'http://MQ_INST_1_a.host:80'
  expect(resolveClientConfig({ namesrvAddr }).namespace).toBe('MQ_INST_1_a')
  expect(resolveClientConfig({ namesrvAddr, namespace: 'mine' }).namespace).toBe('mine')
})

test('an instance name that was given stays, DEFAULT becomes a name of its own', () => {
  const given = { namesrvAddr: 'a:1', clientIP: '1.2.3.4' }
  expect(resolveClientConfig({ ...given, instanceName: 'shop' }).clientId).toBe('1.2.3.4@shop')
  expect(resolveClientConfig({ ...given, instanceName: 'DEFAULT' }).clientId).toMatch(
    /^1\.2\.3\.4@\d+#\d+#[0-9a-f]{8}$/,
  )
})

test.each([9, 10.5, Number.NaN])('an interval of %d is refused by name', (pollNameServerInterval) => {
  expect(() => resolveClientConfig({ namesrvAddr: 'a:1', pollNameServerInterval })).toThrow(/pollNameServerInterval/)
})
