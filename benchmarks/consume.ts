// Push consumers beside Apache RocketMQ's in one run: `pnpm bench:consume`. Ours consumes from our broker and Java's from the Java broker,
// each in a process of its own: first as many messages as there are, as fast as they come, then 1,000 a second for their latency.
import { execFileSync } from 'node:child_process'
import { createTopic, type MeasuredBroker, messagesInQueue, startJava, startOurs } from './brokers.js'
import { MeasuredConsumer } from './consumers.js'
import { measure } from './load.js'
import { median, spread } from './machine.js'
import { cpuMicros } from './process-usage.js'
import { print, printMachine, seconds } from './side-by-side.js'

const topic = 'Consumed'
const queues = [0, 1, 2, 3, 4, 5, 6, 7]
const count = 200_000
const perSecond = 1000
/** Connections are made and virtual machines compile meanwhile: what these seconds show is a start, not a steady stream. */
const latencyWarmUpSeconds = 5
const fractions = [0.5, 0.99, 0.999]
const rounds = Number(process.env['ROUNDS'] ?? 3)

async function fill(broker: MeasuredBroker): Promise<void> {
  await createTopic(broker.port, topic)
  const load = { kind: 'send', connections: 16, inFlight: 16, bodyBytes: 1024, warmUpSeconds: 0, seconds: 1 } as const
  const sum = async (): Promise<number> => {
    const counts = await Promise.all(queues.map((queue) => messagesInQueue(broker, topic, queue)))
    return counts.reduce((total, each) => total + each, 0)
  }
  while ((await sum()) < count) await measure(load, broker, topic)
}

interface Pair {
  readonly broker: MeasuredBroker
  readonly consumer: MeasuredConsumer
  readonly rates: number[]
  readonly micros: number[]
  /** Of each fraction, milliseconds by round. */
  readonly latencies: readonly number[][]
}

/** The other side is stopped meanwhile. */
async function alone<T>(pair: Pair, pairs: readonly Pair[], work: () => Promise<T>): Promise<T> {
  const pids = pairs.filter((other) => other !== pair).flatMap(({ broker, consumer }) => [broker.pid, consumer.pid])
  for (const pid of pids) process.kill(pid, 'SIGSTOP')
  try {
    return await work()
  } finally {
    for (const pid of pids) process.kill(pid, 'SIGCONT')
  }
}

async function measureRate({ broker, consumer, rates, micros }: Pair, round: number): Promise<void> {
  const before = cpuMicros(consumer.pid)
  const answer = await consumer.ask({ kind: 'rate', topic, group: `rate-${broker.name}-${round}`, count })
  // The first round lets the virtual machines compile.
  if (round === 0) return
  rates.push(count / (answer['seconds'] as number))
  micros.push((cpuMicros(consumer.pid) - before) / count)
}

async function measureLatency({ broker, consumer, latencies }: Pair, round: number): Promise<void> {
  const topic = `Latency-${round}`
  await createTopic(broker.port, topic)
  const request = { kind: 'latency', topic, perSecond, seconds: latencyWarmUpSeconds + seconds }
  const answer = await consumer.ask({ ...request, group: `latency-${broker.name}-${round}` })
  const all = answer['micros'] as number[]
  const taken = all.slice(latencyWarmUpSeconds * perSecond).sort((a, b) => a - b)
  for (const [index, fraction] of fractions.entries()) {
    latencies[index]?.push((taken[Math.floor(taken.length * fraction)] ?? Number.NaN) / 1000)
  }
}

printMachine()
await using java = await startJava('ASYNC_FLUSH', { hasNameServer: true })
await using ours = await startOurs('ASYNC_FLUSH')
await using javaConsumer = await MeasuredConsumer.java(java.namesrvAddr)
await using ourConsumer = MeasuredConsumer.ours(ours.namesrvAddr)
const pairs: readonly Pair[] = [
  { broker: java, consumer: javaConsumer, rates: [], micros: [], latencies: fractions.map(() => []) },
  { broker: ours, consumer: ourConsumer, rates: [], micros: [], latencies: fractions.map(() => []) },
]
for (const { broker } of pairs) await fill(broker)
for (let round = 0; round <= rounds; round++) {
  for (const pair of round % 2 === 0 ? pairs : [...pairs].reverse()) {
    await alone(pair, pairs, () => measureRate(pair, round))
  }
}
print(`\n${count} messages of 1 KiB through a push consumer, 8 queues`)
for (const { consumer, rates, micros } of pairs) {
  print(`  ${consumer.name.padEnd(5)} ${spread(rates)} msgs/s · CPU of the consumer ${spread(micros, 1)} µs each`)
}
const [javaRate = Number.NaN, ourRate = Number.NaN] = pairs.map(({ rates }) => median(rates))
print(`  ratio ours / Java: ${(ourRate / javaRate).toFixed(2)}`)
print('\nend to end, from before the send to the listener, 1,000 messages of 1 KiB a second, after the first 5 s')
// What was stored for the rates is still on its way to the disk, and would be measured too.
execFileSync('sync')
for (let round = 0; round < rounds; round++) {
  for (const pair of round % 2 === 0 ? pairs : [...pairs].reverse()) {
    await alone(pair, pairs, () => measureLatency(pair, round))
  }
}
for (const { consumer, latencies } of pairs) {
  const texts = latencies.map((ofRounds, index) => `p${(fractions[index] ?? 0) * 100} ${spread(ofRounds, 2)} ms`)
  print(`  ${consumer.name.padEnd(5)} ${texts.join(' · ')}`)
}
