import { SimulatedRuntime } from '@mq/remoting/testing'
import { expect, test } from 'vitest'
import { buildClientId, ownInstanceName } from './client-id.js'

test('a client id names address, instance, unit and stream requests, in this order', () => {
  const parts = { clientIP: '1.2.3.4', instanceName: 'shop', enableStreamRequestType: false }
  expect(buildClientId(parts)).toBe('1.2.3.4@shop')
  expect(buildClientId({ ...parts, unitName: ' ' })).toBe('1.2.3.4@shop')
  expect(buildClientId({ ...parts, unitName: 'u', enableStreamRequestType: true })).toBe('1.2.3.4@shop@u@STREAM')
})

test('two containers with equal pid, started at the same instant, get different names', () => {
  const [first, second] = [1, 2].map((seed) => ownInstanceName(new SimulatedRuntime({ seed }), 1))
  expect(first).toMatch(/^1#\d+#[0-9a-f]{8}$/)
  expect(second).not.toBe(first)
})
