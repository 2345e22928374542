import { execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdirSync, statSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { cpuMicros } from './process-usage.js'

const source = fileURLToPath(new URL('./load-generator/load.c', import.meta.url))
const folder = fileURLToPath(new URL('../node_modules/.cache/mq-benchmarks/', import.meta.url))

/** How a load looks. */
export interface Load {
  /** Messages of `bodyBytes`, or pulls of 32 of them. */
  readonly kind: 'send' | 'pull'
  readonly connections: number
  /** Frames in flight on each connection. */
  readonly inFlight: number
  readonly bodyBytes: number
  readonly warmUpSeconds: number
  readonly seconds: number
}

/** What a load measured. */
export interface Measured {
  readonly answers: number
  readonly errors: number
  readonly lastErrorCode: number
  readonly perSecond: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly p999Ms: number
  readonly clientCpuMicros: number
  /** User and system time of the broker for each answer, in microseconds. */
  readonly brokerCpuMicros: number
}

/** The generator, compiled by the C compiler of the machine when it is missing or older than its source. */
function generator(): string {
  const binary = `${folder}load`
  if (!existsSync(binary) || statSync(binary).mtimeMs < statSync(source).mtimeMs) {
    mkdirSync(folder, { recursive: true })
    execFileSync('cc', ['-O2', '-o', binary, source])
  }
  return binary
}

/** Sends a load to the broker at `port` and measures it and the broker's process. */
export async function measure(load: Load, broker: { port: number; pid: number }, topic: string): Promise<Measured> {
  const { kind, connections, inFlight, bodyBytes, warmUpSeconds, seconds } = load
  const args = [broker.port, connections, inFlight, bodyBytes, warmUpSeconds, seconds, topic, 8]
  const child = spawn(generator(), [kind, '127.0.0.1', ...args.map(String)], { stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  let talk = ''
  let cpuBefore = 0
  child.stdout.on('data', (chunk) => (output += String(chunk)))
  child.stderr.on('data', (chunk) => {
    talk += String(chunk)
    if (String(chunk).includes('measuring')) cpuBefore = cpuMicros(broker.pid)
  })
  await new Promise((resolve) => child.on('close', resolve))
  const cpu = cpuMicros(broker.pid) - cpuBefore
  if (output === '') throw new Error(`the load generator failed: ${talk}`)
  const measured = JSON.parse(output) as Omit<Measured, 'brokerCpuMicros'>
  return { ...measured, brokerCpuMicros: cpu / measured.answers }
}
