// The send path beside Apache RocketMQ's broker in one run: `pnpm bench:send`. Both get the same load from the same generator in
// turn, round after round, each in a process of its own on an empty store, after a warm-up that lets the virtual machine compile.
import { createTopic, type FlushDiskType, type MeasuredBroker, startJava, startOurs } from './brokers.js'
import { type Load, type Measured, measure } from './load.js'
import { machine, median, spread } from './machine.js'
import { residentMiB } from './process-usage.js'

const rounds = Number(process.env['ROUNDS'] ?? 3)
const seconds = Number(process.env['SECONDS'] ?? 8)
const warmUpSeconds = Number(process.env['WARM_UP'] ?? 12)

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

const print = (line: string): void => void process.stdout.write(`${line}\n`)

async function run(scenario: Scenario): Promise<void> {
  await using java = await startJava(scenario.flushDiskType)
  await using ours = await startOurs(scenario.flushDiskType)
  const brokers = [java, ours]
  print(`\n${scenario.name}, 1 KiB bodies, one write a frame`)
  print(`  ready after: Java ${java.readyMs.toFixed(0)} ms, ours ${ours.readyMs.toFixed(0)} ms`)
  await new Promise((resolve) => setTimeout(resolve, 2000))
  print(`  idle memory: Java ${residentMiB(java.pid).toFixed(0)} MiB, ours ${residentMiB(ours.pid).toFixed(0)} MiB`)
  for (const broker of brokers) await createTopic(broker.port, 'Measured')
  const results = new Map<MeasuredBroker, Measured[]>(brokers.map((broker) => [broker, []]))
  for (let round = 0; round < rounds; round++) {
    // The other way round each time, so that neither always runs on the warmer machine.
    for (const broker of round % 2 === 0 ? brokers : [...brokers].reverse()) {
      results.get(broker)?.push(await measureAlone(broker, brokers, load(scenario, round)))
    }
  }
  report(results, brokers)
}

/** The other broker is stopped meanwhile: a virtual machine at rest wakes up a thousand times a second. */
async function measureAlone(broker: MeasuredBroker, all: readonly MeasuredBroker[], load: Load): Promise<Measured> {
  const others = all.filter((other) => other !== broker)
  for (const { pid } of others) process.kill(pid, 'SIGSTOP')
  try {
    return await measure(load, broker, 'Measured')
  } finally {
    for (const { pid } of others) process.kill(pid, 'SIGCONT')
  }
}

function load({ connections, inFlight }: Scenario, round: number): Load {
  return { connections, inFlight, bodyBytes: 1024, warmUpSeconds: round === 0 ? warmUpSeconds : 2, seconds }
}

function report(results: ReadonlyMap<MeasuredBroker, readonly Measured[]>, brokers: readonly MeasuredBroker[]): void {
  for (const broker of brokers) {
    const rows = results.get(broker) ?? []
    const of = (key: keyof Measured, digits = 0): string =>
      spread(
        rows.map((row) => row[key]),
        digits,
      )
    print(
      `  ${broker.name.padEnd(5)} ${of('perSecond')} msgs/s · p50 ${of('p50Ms', 2)} ms · p99 ${of('p99Ms', 2)} ms · ` +
        `CPU ${of('brokerCpuMicros', 1)} µs/msg · generator ${of('clientCpuMicros', 1)} µs/msg · ` +
        `${residentMiB(broker.pid).toFixed(0)} MiB · ${rows.reduce((sum, row) => sum + row.errors, 0)} errors`,
    )
  }
  const [java = [], ours = []] = brokers.map((broker) => (results.get(broker) ?? []).map((row) => row.perSecond))
  print(`  ratio ours / Java: ${(median(ours) / median(java)).toFixed(2)}`)
}

print(`${machine()}\n${rounds} rounds of ${seconds} s each, median [min–max]`)
for (const scenario of scenarios) await run(scenario)
