import { createHash } from 'node:crypto'
import type { Clock, Network, Random, Runtime, Timers } from '../runtime/runtime.js'
import { SeededRandom } from './seeded-random.js'
import { SimulatedNetwork, type SimulatedNetworkOptions } from './simulated-network.js'
import { SimulatedTime } from './simulated-time.js'

/** What a simulation starts from. */
export interface SimulatedRuntimeOptions {
  /** The same seed gives the same run. A safe integer. */
  readonly seed: number
  /** Wall clock at the start, milliseconds since the epoch. Default 2026-01-01T00:00:00Z. */
  readonly startMs?: number
  readonly network?: SimulatedNetworkOptions
  /** Virtual milliseconds after which {@link SimulatedRuntime.run} gives up. Default one hour. */
  readonly maxRunMs?: number
}

const DEFAULT_START_MS = Date.UTC(2026, 0, 1)
const DEFAULT_MAX_RUN_MS = 3_600_000
const DEFAULT_HOST = '127.0.0.1'

/**
 * A whole world in one process: virtual time, a network in memory and chance from a seed. Components under test take it, or a
 * host of it, as their {@link Runtime}; two runs of one seed are alike to the byte, which {@link digest} shows.
 * Only work that goes through the runtime or through promises is simulated: whoever waits for the real disk waits outside.
 */
export class SimulatedRuntime implements Runtime {
  readonly clock: Clock
  readonly timers: Timers
  readonly random: Random
  /** The network seen from 127.0.0.1; {@link host} gives others. */
  readonly network: Network
  /** Partitions, resets and crashes. */
  readonly hosts: SimulatedNetwork
  readonly #time: SimulatedTime
  readonly #maxRunMs: number
  readonly #hash = createHash('sha256')

  constructor(options: SimulatedRuntimeOptions) {
    this.#time = new SimulatedTime(options.startMs ?? DEFAULT_START_MS)
    this.#maxRunMs = options.maxRunMs ?? DEFAULT_MAX_RUN_MS
    this.clock = this.#time
    this.timers = this.#time
    this.random = new SeededRandom(options.seed)
    const world = { time: this.#time, random: this.random, trace: (line: string) => this.#trace(line) }
    this.hosts = new SimulatedNetwork(world, options.network ?? {})
    this.network = this.hosts.of(DEFAULT_HOST)
  }

  /** The runtime of a process on another host, sharing time and chance with this one. */
  host(address: string): Runtime {
    return { clock: this.clock, timers: this.timers, random: this.random, network: this.hosts.of(address) }
  }

  /** Lets time pass until the promise settles; fails when nothing is left that could settle it. */
  async run<T>(work: Promise<T>): Promise<T> {
    const state = { isSettled: false }
    const settle = (): void => {
      state.isSettled = true
    }
    work.then(settle, settle)
    const endMs = this.#time.monotonic() + this.#maxRunMs
    for (;;) {
      await this.#time.settle()
      if (state.isSettled) return work
      const nextAtMs = this.#time.nextAtMs
      if (nextAtMs === undefined)
        throw new Error('the simulation is stuck: nothing is scheduled, the promise is pending')
      if (nextAtMs > endMs) throw new Error(`the promise is still pending after ${this.#maxRunMs} virtual milliseconds`)
      await this.#time.turn()
    }
  }

  /** Lets this many virtual milliseconds pass. */
  async advance(durationMs: number): Promise<void> {
    const endMs = this.#time.monotonic() + durationMs
    for (;;) {
      await this.#time.settle()
      const nextAtMs = this.#time.nextAtMs
      if (nextAtMs === undefined || nextAtMs > endMs) break
      await this.#time.turn()
    }
    this.#time.skipTo(endMs)
  }

  /** A hash of everything that happened so far, byte for byte and to the instant. */
  digest(): string {
    return this.#hash.copy().digest('hex')
  }

  #trace(line: string): void {
    this.#hash.update(`${this.#time.monotonic()} ${line}\n`, 'latin1')
  }
}
