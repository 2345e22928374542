// Pulls from the page cache beside Apache RocketMQ's broker in one run: `pnpm bench:pull`. Each of 8 queues is filled with at least
// 10,000 messages of 1 KiB; then pulls of 32 messages each run over them, by the same generator for both brokers in turn.
import { createTopic, type MeasuredBroker, messagesInQueue } from './brokers.js'
import { measure } from './load.js'
import { printMachine, runSideBySide, seconds } from './side-by-side.js'

const topic = 'Pulled'
const queues = [0, 1, 2, 3, 4, 5, 6, 7]
const messagesNeeded = 10_000
const pulled = 32

async function fill(broker: MeasuredBroker): Promise<void> {
  await createTopic(broker.port, topic)
  const load = { kind: 'send', connections: 16, inFlight: 16, bodyBytes: 1024, warmUpSeconds: 0, seconds: 1 } as const
  const counts = async (): Promise<number[]> =>
    Promise.all(queues.map((queue) => messagesInQueue(broker, topic, queue)))
  while (Math.min(...(await counts())) < messagesNeeded) await measure(load, broker, topic)
}

printMachine()
await runSideBySide({
  title: `pulls of ${pulled} × 1 KiB from the page cache, 8 connections × 4`,
  flushDiskType: 'ASYNC_FLUSH',
  unit: 'msgs',
  perAnswer: pulled,
  prepare: fill,
  measure: (broker, warmUpSeconds) =>
    measure({ kind: 'pull', connections: 8, inFlight: 4, bodyBytes: 1024, warmUpSeconds, seconds }, broker, topic),
})
