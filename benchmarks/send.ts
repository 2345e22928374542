// The send path beside Apache RocketMQ's broker in one run: `pnpm bench:send`. Both get the same load from the same generator in
// turn, round after round, each in a process of its own on an empty store, after a warm-up that lets the virtual machine compile.
import { createTopic, type FlushDiskType } from './brokers.js'
import { measure } from './load.js'
import { printMachine, runSideBySide, seconds } from './side-by-side.js'

interface Scenario {
  readonly name: string
  readonly flushDiskType: FlushDiskType
  readonly connections: number
  readonly inFlight: number
}

const scenarios: readonly Scenario[] = [
  { name: 'async flush 64 × 16', flushDiskType: 'ASYNC_FLUSH', connections: 64, inFlight: 16 },
  { name: 'sync flush 64 × 1', flushDiskType: 'SYNC_FLUSH', connections: 64, inFlight: 1 },
]

const only = process.env['ONLY'] ?? ''

printMachine()
for (const { name, flushDiskType, connections, inFlight } of scenarios.filter(({ name }) => name.includes(only))) {
  await runSideBySide({
    title: `${name}, 1 KiB bodies, one write a frame`,
    flushDiskType,
    unit: 'msgs',
    prepare: (broker) => createTopic(broker.port, 'Measured'),
    measure: (broker, warmUpSeconds) =>
      measure({ kind: 'send', connections, inFlight, bodyBytes: 1024, warmUpSeconds, seconds }, broker, 'Measured'),
  })
}
