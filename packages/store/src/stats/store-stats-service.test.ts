import { SimulatedRuntime } from '@mq/remoting/testing'
import { describe, expect, test } from 'vitest'
import { InMemoryFileSystem } from '../testing/in-memory-file-system.js'
import { StoreStatsService } from './store-stats-service.js'
import { VolumeUsage } from './volume-usage.js'

describe('StoreStatsService', () => {
  test('rates are those of the last 10 s, minute and ten minutes', async () => {
    const runtime = new SimulatedRuntime({ seed: 1 })
    const stats = new StoreStatsService(runtime.clock)
    stats.start(runtime.timers)
    await runtime.advance(0)
    for (let second = 0; second < 60; second++) {
      if (second < 30) stats.countPut(120, 1000, 0)
      await runtime.advance(1000)
    }
    expect(stats.runtimeInfo().get('putTps')).toBe('0.0 60.0 60.0')
  })

  test('puts are counted by their time, and percentiles end with a class or the longest time', () => {
    const runtime = new SimulatedRuntime({ seed: 1 })
    const stats = new StoreStatsService(runtime.clock)
    for (let index = 0; index < 98; index++) stats.countPut(1, 100, 0)
    stats.countPut(1, 100, 7)
    stats.countPut(1, 200, 70)
    const info = stats.runtimeInfo()
    expect(info.get('putMessageDistributeTime')).toMatch(
      /^\[<=0ms\]:98 \[0~10ms\]:1 \[10~50ms\]:0 \[50~100ms\]:1 .*\[10s~\]:0$/,
    )
    expect([info.get('putLatency99'), info.get('putLatency999')]).toEqual(['10', '70'])
    expect([info.get('putMessageAverageSize'), info.get('putMessageEntireTimeMax')]).toEqual(['101.0', '70'])
  })
})

describe('VolumeUsage', () => {
  test('follows the volume every ten seconds', async () => {
    const runtime = new SimulatedRuntime({ seed: 1 })
    const fileSystem = new InMemoryFileSystem({ capacityBytes: 4096 })
    await fileSystem.makeDirectory('/store')
    const usage = new VolumeUsage(fileSystem, '/store')
    expect(usage.usedRatio).toBe(-1)
    await usage.start(runtime.timers)
    expect([usage.usedRatio, usage.format()]).toEqual([0, 'Total : 4.0 KiB, Free : 4.0 KiB.'])
    await fileSystem.writeFile('/store/f', Buffer.alloc(3072))
    await runtime.advance(10_000)
    expect(usage.usedRatio).toBe(0.75)
    usage.stop()
  })
})
