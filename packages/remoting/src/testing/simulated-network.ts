import type {
  ByteStream,
  ConnectOptions,
  Endpoint,
  Listener,
  ListenOptions,
  Network,
  Random,
} from '../runtime/runtime.js'
import { SimulatedStream, type Wire } from './simulated-stream.js'
import type { SimulatedTime } from './simulated-time.js'

/** How the simulated network behaves. */
export interface SimulatedNetworkOptions {
  /** Shortest and longest one-way delay, milliseconds. Default 0.05 to 0.5. */
  readonly latencyMs?: readonly [min: number, max: number]
  /** Bytes that may be under way or unread in one direction of a connection. Default 65,536. */
  readonly windowBytes?: number
  /** Chance in [0, 1] that a delivery arrives in two parts. Default 0. */
  readonly fragmentation?: number
}

/** What the network takes from the runtime it belongs to. */
export interface SimulatedWorld {
  readonly time: SimulatedTime
  readonly random: Random
  trace(line: string): void
}

const ownAddresses: ReadonlySet<string> = new Set(['', '0.0.0.0', '127.0.0.1', '::', '::1', 'localhost'])
const FIRST_LISTEN_PORT = 20_000
const FIRST_CLIENT_PORT = 40_000

function networkError(code: string, call: string, endpoint: Endpoint): Error {
  const { host, port } = endpoint
  return Object.assign(new Error(`${call} ${code} ${host}:${port}`), { code, syscall: call, address: host, port })
}

/** An in-memory network of hosts, each known by its address. Every delay and cut comes from the seed. */
export class SimulatedNetwork implements Wire {
  readonly windowBytes: number
  readonly #world: SimulatedWorld
  readonly #latencyMs: readonly [number, number]
  readonly #fragmentation: number
  readonly #listeners = new Map<string, ListenOptions>()
  readonly #streams = new Set<SimulatedStream>()
  /** Pairs of hosts that cannot reach each other, with the arrivals that wait for them to heal. */
  readonly #partitions = new Map<string, Array<() => void>>()
  #lastListenPort = FIRST_LISTEN_PORT
  #lastClientPort = FIRST_CLIENT_PORT

  constructor(world: SimulatedWorld, options: SimulatedNetworkOptions) {
    this.#world = world
    this.#latencyMs = options.latencyMs ?? [0.05, 0.5]
    this.windowBytes = options.windowBytes ?? 65_536
    this.#fragmentation = options.fragmentation ?? 0
  }

  /** The network as a process on `host` sees it: loopback and wildcard addresses mean that host. */
  of(host: string): Network {
    const resolve = (name: string): string => (ownAddresses.has(name) ? host : name)
    return {
      listen: (options) => this.#listen({ ...options, host: resolve(options.host) }),
      connect: (options) => this.#connect(host, { ...options, host: resolve(options.host) }),
    }
  }

  /** Nothing passes between two hosts until {@link heal}; connections stay up and know nothing of it. */
  partition(hostA: string, hostB: string): void {
    this.#world.trace(`partition ${hostA} ${hostB}`)
    this.#partitions.set(pairOf(hostA, hostB), [])
  }

  /** Ends a partition; what was sent meanwhile arrives now. */
  heal(hostA: string, hostB: string): void {
    this.#world.trace(`heal ${hostA} ${hostB}`)
    const pair = pairOf(hostA, hostB)
    const withheld = this.#partitions.get(pair) ?? []
    this.#partitions.delete(pair)
    for (const arrival of withheld) this.soon(arrival)
  }

  /** Breaks every connection between two hosts; both sides see ECONNRESET. */
  reset(hostA: string, hostB: string): void {
    this.#world.trace(`reset ${hostA} ${hostB}`)
    for (const stream of [...this.#streams]) {
      if (pairOf(stream.local.host, stream.remote.host) === pairOf(hostA, hostB)) stream.reset()
    }
  }

  /** The host loses power: it listens no more, and its peers see ECONNRESET. */
  crash(host: string): void {
    this.#world.trace(`crash ${host}`)
    for (const [address, listener] of this.#listeners) if (listener.host === host) this.#listeners.delete(address)
    for (const stream of [...this.#streams]) if (stream.local.host === host) stream.reset()
  }

  soon(task: () => void): void {
    this.#world.time.after(0, task)
  }

  travel(from: SimulatedStream, task: () => void): void {
    const { time } = this.#world
    const now = time.monotonic()
    from.lastArrivalMs = Math.max(from.lastArrivalMs, now + this.#latency())
    time.after(from.lastArrivalMs - now, () => {
      const withheld = this.#partitions.get(pairOf(from.local.host, from.remote.host))
      if (withheld === undefined) task()
      else withheld.push(task)
    })
  }

  cut(size: number): number {
    const { random } = this.#world
    if (size < 2 || this.#fragmentation === 0 || random.next() >= this.#fragmentation) return size
    return 1 + random.int(size - 1)
  }

  trace(event: string, stream: SimulatedStream, detail?: Buffer): void {
    const route = `${stream.remote.host}:${stream.remote.port}>${stream.local.host}:${stream.local.port}`
    this.#world.trace(`${event} ${route} ${detail?.toString('latin1') ?? ''}`)
  }

  onClosed(stream: SimulatedStream): void {
    this.#streams.delete(stream)
  }

  #latency(): number {
    const [min, max] = this.#latencyMs
    return min + (max - min) * this.#world.random.next()
  }

  #listen(options: ListenOptions): Promise<Listener> {
    const port = options.port === 0 ? ++this.#lastListenPort : options.port
    const endpoint: Endpoint = { host: options.host, port }
    const address = `${endpoint.host}:${port}`
    if (this.#listeners.has(address)) return Promise.reject(networkError('EADDRINUSE', 'listen', endpoint))
    const listener = { ...options, port }
    this.#listeners.set(address, listener)
    return Promise.resolve({
      endpoint,
      close: (): Promise<void> => {
        if (this.#listeners.get(address) === listener) this.#listeners.delete(address)
        return Promise.resolve()
      },
    })
  }

  #connect(fromHost: string, options: ConnectOptions): Promise<ByteStream> {
    const { time } = this.#world
    const to: Endpoint = { host: options.host, port: options.port }
    const from: Endpoint = { host: fromHost, port: ++this.#lastClientPort }
    const { signal } = options
    return new Promise((resolve, reject) => {
      let isSettled = false
      const settle = (action: () => void): void => {
        if (isSettled) return
        isSettled = true
        timer.cancel()
        signal?.removeEventListener('abort', onAbort)
        action()
      }
      const onAbort = (): void =>
        settle(() => {
          reject(signal?.reason instanceof Error ? signal.reason : new Error('the connection attempt was aborted'))
        })
      const timer = time.after(options.timeoutMs, () =>
        settle(() => {
          reject(networkError('ETIMEDOUT', 'connect', to))
        }),
      )
      signal?.addEventListener('abort', onAbort)
      if (signal?.aborted === true) onAbort()
      time.after(this.#latency(), () => {
        // A request that a partition swallows is not seen again: the caller times out.
        if (isSettled || this.#partitions.has(pairOf(from.host, to.host))) return
        const listener = this.#listeners.get(`${to.host}:${to.port}`)
        const client = listener === undefined ? undefined : this.#accept(listener, from, to)
        time.after(this.#latency(), () => {
          if (client === undefined) {
            settle(() => {
              reject(networkError('ECONNREFUSED', 'connect', to))
            })
          } else if (isSettled) client.destroy()
          else settle(() => resolve(client))
        })
      })
    })
  }

  #accept(listener: ListenOptions, from: Endpoint, to: Endpoint): SimulatedStream {
    const client = new SimulatedStream(this, from, to)
    const server = new SimulatedStream(this, to, from)
    SimulatedStream.join(client, server)
    this.#streams.add(client).add(server)
    this.trace('connect', server)
    listener.onConnection(server)
    return client
  }
}

function pairOf(hostA: string, hostB: string): string {
  return hostA < hostB ? `${hostA} ${hostB}` : `${hostB} ${hostA}`
}
