/** Wall clock and monotonic clock. */
export interface Clock {
  /** Milliseconds since the Unix epoch, a whole number; may jump when the machine's time is set. */
  now(): number
  /** Milliseconds since some start, with fractions; never goes back. Deadlines and latencies are measured with it. */
  monotonic(): number
}

/** A task that waits for its time. */
export interface Timer {
  /** Forgets the task; calling it again, or after the task ran, does nothing. */
  cancel(): void
}

/** How a one-shot timer behaves. */
export interface AfterOptions {
  /** True when the timer alone must not keep the process alive. Default false. */
  readonly background?: boolean
}

/** How a periodic timer behaves. */
export interface EveryOptions {
  /** Milliseconds until the first run. Default: one period. */
  readonly firstDelayMs?: number
}

/** Everything that runs later. */
export interface Timers {
  /** Runs the task once, `delayMs` milliseconds from now. Keeps the process alive unless `background` is true. */
  after(delayMs: number, task: () => void, options?: AfterOptions): Timer
  /** Runs the task every `periodMs` milliseconds until cancelled. Never keeps the process alive. */
  every(periodMs: number, task: () => void, options?: EveryOptions): Timer
  /** Runs the task once the I/O of this turn of the event loop has been handled; tasks run in the order given. */
  turnEnd(task: () => void): void
}

/** A source of random numbers; seeded in simulations. Not for secrets. */
export interface Random {
  /** A number in [0, 1). */
  next(): number
  /** A whole number in [0, boundExclusive); `boundExclusive` is in [1, 2^31]. */
  int(boundExclusive: number): number
  /** Fresh bytes, owned by the caller. */
  bytes(size: number): Buffer
}

/** One end of a connection. */
export interface Endpoint {
  /** An IP address, or a name where one is accepted. */
  readonly host: string
  /** 0 to 65535. */
  readonly port: number
}

/** What a stream reports to its one receiver. */
export interface StreamReceiver {
  /** Bytes arrived. The chunk is borrowed: it is valid only during the call. */
  onData(chunk: Buffer): void
  /** The bytes that `write` accepted while it returned false have all been handed to the kernel. */
  onDrain(): void
  /** The stream is over, called exactly once, with the cause unless both sides ended in order. */
  onClose(cause: Error | undefined): void
}

/** A connected, ordered stream of bytes, such as a TCP connection. */
export interface ByteStream {
  readonly local: Endpoint
  readonly remote: Endpoint
  /** Bytes written that the kernel has not taken yet. */
  readonly pendingBytes: number
  /** Starts to deliver bytes and events; called once. Nothing is lost that arrived before. */
  open(receiver: StreamReceiver): void
  /**
   * Queues the bytes. They must not change until `onWritten` runs; `onWritten` runs at most once, never before `write`
   * returned, and not at all when the stream closes first. Returns false when the peer is slow and `onDrain` will follow.
   */
  write(bytes: Buffer, onWritten?: () => void): boolean
  /** Stops reading: the peer is held back by its window. */
  pause(): void
  /** Reads again after `pause`. */
  resume(): void
  /** Sends what is queued, then ends this side. */
  end(): void
  /** Drops what is queued and closes at once; `onClose` reports the cause. */
  destroy(cause?: Error): void
}

/** A bound port that accepts connections. */
export interface Listener {
  /** The address really bound, so port 0 has become the one the system chose. */
  readonly endpoint: Endpoint
  /** Stops accepting; streams already accepted live on. */
  close(): Promise<void>
}

/** What to bind. */
export interface ListenOptions {
  readonly host: string
  /** 0 lets the system choose. */
  readonly port: number
  /** Connections the kernel may hold before they are accepted. Default 1024. */
  readonly backlog?: number
  /** Called for each accepted connection; it opens the stream or destroys it. */
  onConnection(stream: ByteStream): void
  /** A connection could not be accepted, for want of descriptors say; the port goes on listening. */
  onAcceptError?(cause: Error): void
}

/** Where to connect. */
export interface ConnectOptions {
  readonly host: string
  readonly port: number
  /** Milliseconds until the attempt is given up. */
  readonly timeoutMs: number
  /** Gives the attempt up at once, with `signal.reason`. */
  readonly signal?: AbortSignal
}

/** Streams between processes. */
export interface Network {
  /** Binds a port; rejects with the cause when it cannot. */
  listen(options: ListenOptions): Promise<Listener>
  /** Connects, or rejects with the cause. */
  connect(options: ConnectOptions): Promise<ByteStream>
}

/** Time, chance and network as one value, so that a test can replace all of them. */
export interface Runtime {
  readonly clock: Clock
  readonly timers: Timers
  readonly random: Random
  readonly network: Network
}
