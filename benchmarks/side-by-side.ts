import type { FlushDiskType, MeasuredBroker } from './brokers.js'
import { startJava, startOurs } from './brokers.js'
import type { Measured } from './load.js'
import { machine, median, spread } from './machine.js'
import { residentMiB } from './process-usage.js'

const rounds = Number(process.env['ROUNDS'] ?? 3)
/** Seconds a round measures. */
export const seconds = Number(process.env['SECONDS'] ?? 8)
const warmUpSeconds = Number(process.env['WARM_UP'] ?? 30)

/** What is measured of both brokers in turn. */
export interface SideBySide {
  readonly title: string
  readonly flushDiskType: FlushDiskType
  /** What the figures count. */
  readonly unit: string
  /** How many of them one answer is. */
  readonly perAnswer?: number
  prepare(broker: MeasuredBroker): Promise<void>
  /** One round; the first one warms up longer. */
  measure(broker: MeasuredBroker, warmUpSeconds: number): Promise<Measured>
}

/** Prints one line. */
export const print = (line: string): void => void process.stdout.write(`${line}\n`)

/** Prints what the figures are measured on. */
export function printMachine(): void {
  print(`${machine()}\n${rounds} rounds of ${seconds} s each, median [min–max]`)
}

/** Runs both brokers in turn, round after round, and prints what they did. */
export async function runSideBySide(scenario: SideBySide): Promise<void> {
  // Java's broker is at work for a while after its port accepts, so it comes second.
  await using ours = await startOurs(scenario.flushDiskType)
  await using java = await startJava(scenario.flushDiskType)
  const brokers = [java, ours]
  print(`\n${scenario.title}`)
  print(`  ready after: Java ${java.readyMs.toFixed(0)} ms, ours ${ours.readyMs.toFixed(0)} ms`)
  await new Promise((resolve) => setTimeout(resolve, 2000))
  print(`  idle memory: Java ${residentMiB(java.pid).toFixed(0)} MiB, ours ${residentMiB(ours.pid).toFixed(0)} MiB`)
  for (const broker of brokers) await scenario.prepare(broker)
  const results = new Map<MeasuredBroker, Measured[]>(brokers.map((broker) => [broker, []]))
  for (let round = 0; round < rounds; round++) {
    // The other way round each time, so that neither always runs on the warmer machine.
    for (const broker of round % 2 === 0 ? brokers : [...brokers].reverse()) {
      const measured = await alone(broker, brokers, () => scenario.measure(broker, round === 0 ? warmUpSeconds : 2))
      results.get(broker)?.push(measured)
    }
  }
  report(results, scenario)
}

/** The other broker is stopped meanwhile: a virtual machine at rest wakes up a thousand times a second. */
async function alone<T>(broker: MeasuredBroker, all: readonly MeasuredBroker[], measure: () => Promise<T>): Promise<T> {
  const others = all.filter((other) => other !== broker)
  for (const { pid } of others) process.kill(pid, 'SIGSTOP')
  try {
    return await measure()
  } finally {
    for (const { pid } of others) process.kill(pid, 'SIGCONT')
  }
}

function report(results: ReadonlyMap<MeasuredBroker, readonly Measured[]>, { unit, perAnswer = 1 }: SideBySide): void {
  for (const [broker, rows] of results) {
    const of = (key: keyof Measured, { digits = 0, factor = 1 } = {}): string =>
      spread(
        rows.map((row) => row[key] * factor),
        digits,
      )
    const perUnit = { digits: 1, factor: 1 / perAnswer }
    print(
      `  ${broker.name.padEnd(5)} ${of('perSecond', { factor: perAnswer })} ${unit}/s · p50 ${of('p50Ms', { digits: 2 })} ms · ` +
        `p99 ${of('p99Ms', { digits: 2 })} ms · CPU ${of('brokerCpuMicros', perUnit)} µs each · ` +
        `generator ${of('clientCpuMicros', perUnit)} µs each · ` +
        `${residentMiB(broker.pid).toFixed(0)} MiB · ${rows.reduce((sum, row) => sum + row.errors, 0)} errors`,
    )
  }
  const [java = [], ours = []] = [...results.values()].map((rows) => rows.map((row) => row.perSecond))
  print(`  ratio ours / Java: ${(median(ours) / median(java)).toFixed(2)}`)
}
