import { silentLogger } from '@mq/remoting'
import { SimulatedRuntime } from '@mq/remoting/testing'
import { expect, test } from 'vitest'
import { LatencyFaultTolerance } from './latency-fault-tolerance.js'

function toleranceIn(runtime: SimulatedRuntime): {
  tolerance: LatencyFaultTolerance
  probes: string[]
  addresses: Map<string, string>
  up: Set<string>
} {
  const probes: string[] = []
  const addresses = new Map<string, string>()
  const up = new Set<string>()
  const tolerance = new LatencyFaultTolerance({
    clock: runtime.clock,
    timers: runtime.timers,
    logger: silentLogger,
    detectTimeout: 200,
    detectInterval: 2000,
    detector: {
      resolve: (brokerName) => addresses.get(brokerName),
      detect: async (address) => {
        probes.push(address)
        return up.has(address)
      },
    },
  })
  return { tolerance, probes, addresses, up }
}

const slow = { currentLatencyMs: 600, notAvailableDurationMs: 2000, reachable: true }
const failed = { currentLatencyMs: 5, notAvailableDurationMs: 10_000, reachable: false }

test('a broker is avoided until its time is over and not longer', async () => {
  const runtime = new SimulatedRuntime({ seed: 1 })
  const { tolerance } = toleranceIn(runtime)
  tolerance.updateFaultItem('a', slow)
  await runtime.advance(1999)
  expect(tolerance.isAvailable('a')).toBe(false)
  await runtime.advance(1)
  expect(tolerance.isAvailable('a')).toBe(true)
})

test('a shorter avoidance never ends a longer one', async () => {
  const runtime = new SimulatedRuntime({ seed: 1 })
  const { tolerance } = toleranceIn(runtime)
  tolerance.updateFaultItem('a', failed)
  tolerance.updateFaultItem('a', slow)
  tolerance.updateFaultItem('a', { ...slow, notAvailableDurationMs: 0 })
  await runtime.advance(9999)
  expect(tolerance.isAvailable('a')).toBe(false)
  expect(tolerance.latencyOf('a')).toBe(600)
})

test('reachability is whatever the last send or probe said', () => {
  const { tolerance } = toleranceIn(new SimulatedRuntime({ seed: 1 }))
  expect(tolerance.isReachable('a')).toBe(true)
  tolerance.updateFaultItem('a', failed)
  expect(tolerance.isReachable('a')).toBe(false)
  tolerance.updateFaultItem('a', slow)
  expect(tolerance.isReachable('a')).toBe(true)
})

test('the detector makes a broker reachable again once it answers, probing each at most every 2 s', async () => {
  const runtime = new SimulatedRuntime({ seed: 1 })
  const { tolerance, probes, addresses, up } = toleranceIn(runtime)
  addresses.set('a', 'a:1')
  tolerance.updateFaultItem('a', failed)
  tolerance.startDetector()
  tolerance.startDetector()
  await runtime.advance(3001)
  expect(probes).toEqual(['a:1'])
  expect(tolerance.isReachable('a')).toBe(false)
  up.add('a:1')
  await runtime.advance(3000)
  expect(tolerance.isReachable('a')).toBe(true)
  tolerance.shutdown()
  await runtime.advance(9000)
  expect(probes).toHaveLength(2)
})

test('two rounds within the detect interval probe a broker once', async () => {
  const { tolerance, probes, addresses } = toleranceIn(new SimulatedRuntime({ seed: 1 }))
  addresses.set('a', 'a:1')
  tolerance.updateFaultItem('a', failed)
  await tolerance.detectByOneRound()
  await tolerance.detectByOneRound()
  expect(probes).toEqual(['a:1'])
})

test('a broker without an address in any route is forgotten', async () => {
  const { tolerance } = toleranceIn(new SimulatedRuntime({ seed: 1 }))
  tolerance.updateFaultItem('gone', failed)
  await tolerance.detectByOneRound()
  expect(tolerance.latencyOf('gone')).toBeUndefined()
})
