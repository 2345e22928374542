import type { ByteStream, Endpoint, StreamReceiver } from '../runtime/runtime.js'

/** How a stream's bytes travel; the simulated network implements it. */
export interface Wire {
  /** Receive window in bytes: what may be under way or unread in one direction. */
  readonly windowBytes: number
  /** Runs the task in this instant's next turn. */
  soon(task: () => void): void
  /** Runs the task when something sent now from `from` arrives at `to`; arrivals of one sender keep their order. */
  travel(from: SimulatedStream, task: () => void): void
  /** Where a delivery is cut in two, or `size` to leave it whole. */
  cut(size: number): number
  trace(event: string, stream: SimulatedStream, detail?: Buffer): void
  onClosed(stream: SimulatedStream): void
}

interface QueuedWrite {
  readonly bytes: Buffer
  readonly onWritten: (() => void) | undefined
  taken: number
}

function resetError(): Error {
  return Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET', syscall: 'read' })
}

/** One end of an in-memory connection, with a window, delays and resets as TCP has them. */
export class SimulatedStream implements ByteStream {
  readonly local: Endpoint
  readonly remote: Endpoint
  /** When the last thing this end sent will arrive, in elapsed milliseconds: what keeps arrivals in order. */
  lastArrivalMs = 0
  readonly #wire: Wire
  #peer!: SimulatedStream
  #receiver: StreamReceiver | undefined
  readonly #queue: QueuedWrite[] = []
  #queuedBytes = 0
  /** Bytes sent that the peer's receiver has not read yet. */
  #unreadByPeer = 0
  readonly #inbox: Buffer[] = []
  #isPaused = true
  #isBlocked = false
  #isEnding = false
  #hasSentEnd = false
  #hasReceivedEnd = false
  #isClosed = false
  #cause: Error | undefined

  constructor(wire: Wire, local: Endpoint, remote: Endpoint) {
    this.#wire = wire
    this.local = local
    this.remote = remote
  }

  /** Joins two ends. */
  static join(a: SimulatedStream, b: SimulatedStream): void {
    a.#peer = b
    b.#peer = a
  }

  get pendingBytes(): number {
    return this.#queuedBytes
  }

  get isClosed(): boolean {
    return this.#isClosed
  }

  open(receiver: StreamReceiver): void {
    this.#receiver = receiver
    if (this.#isClosed) {
      this.#wire.soon(() => receiver.onClose(this.#cause))
      return
    }
    this.resume()
  }

  write(bytes: Buffer, onWritten?: () => void): boolean {
    if (this.#isClosed || this.#isEnding) return false
    this.#queue.push({ bytes, onWritten, taken: 0 })
    this.#queuedBytes += bytes.length
    this.#send()
    if (this.#queuedBytes > 0) this.#isBlocked = true
    return !this.#isBlocked
  }

  pause(): void {
    this.#isPaused = true
  }

  resume(): void {
    if (!this.#isPaused) return
    this.#isPaused = false
    this.#wire.soon(() => this.#read())
  }

  end(): void {
    if (this.#isClosed || this.#isEnding) return
    this.#isEnding = true
    this.#send()
  }

  destroy(cause?: Error): void {
    if (this.#isClosed) return
    const peer = this.#peer
    if (!this.#hasSentEnd) this.#wire.travel(this, () => peer.#receiveEnd())
    this.#close(cause)
  }

  /** Breaks the connection: both ends close with ECONNRESET, bytes under way are lost. */
  reset(): void {
    this.#close(resetError())
    this.#peer.#close(resetError())
  }

  /** Hands queued bytes to the wire as far as the window goes. */
  #send(): void {
    const peer = this.#peer
    for (let head = this.#queue[0]; head !== undefined; head = this.#queue[0]) {
      const room = this.#wire.windowBytes - this.#unreadByPeer
      if (room <= 0 && head.taken < head.bytes.length) return
      const size = this.#wire.cut(Math.min(room, head.bytes.length - head.taken))
      const chunk = Buffer.from(head.bytes.subarray(head.taken, head.taken + size))
      head.taken += size
      this.#queuedBytes -= size
      this.#unreadByPeer += size
      this.#wire.travel(this, () => peer.#receive(chunk))
      if (head.taken < head.bytes.length) continue
      this.#queue.shift()
      this.#reportWritten(head.onWritten)
    }
    if (this.#isEnding && !this.#hasSentEnd) {
      this.#hasSentEnd = true
      this.#wire.travel(this, () => peer.#receiveEnd())
      if (this.#hasReceivedEnd) this.#close(undefined)
    }
  }

  #reportWritten(onWritten: (() => void) | undefined): void {
    this.#wire.soon(() => {
      if (this.#isClosed) return
      onWritten?.()
      if (!this.#isBlocked || this.#queuedBytes > 0) return
      this.#isBlocked = false
      this.#receiver?.onDrain()
    })
  }

  #receive(chunk: Buffer): void {
    if (this.#isClosed) {
      // Nobody reads here any more: TCP answers with a reset.
      const peer = this.#peer
      this.#wire.travel(this, () => peer.#close(resetError()))
      return
    }
    this.#inbox.push(chunk)
    this.#read()
  }

  #receiveEnd(): void {
    if (this.#isClosed) return
    this.#hasReceivedEnd = true
    this.#read()
  }

  #read(): void {
    while (!this.#isPaused && !this.#isClosed && this.#inbox.length > 0) {
      const chunk = this.#inbox.shift()!
      this.#wire.trace('data', this, chunk)
      this.#receiver?.onData(chunk)
      // The chunk was borrowed: whoever kept a view of it finds other bytes there, as in a reused read buffer.
      const { length } = chunk
      chunk.fill(0xdb)
      const peer = this.#peer
      this.#wire.travel(this, () => peer.#onRead(length))
    }
    if (this.#isPaused || this.#isClosed || !this.#hasReceivedEnd || this.#inbox.length > 0) return
    if (this.#hasSentEnd) this.#close(undefined)
    else this.end()
  }

  #onRead(size: number): void {
    this.#unreadByPeer -= size
    if (!this.#isClosed) this.#send()
  }

  #close(cause: Error | undefined): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#cause = cause
    this.#queue.length = 0
    this.#queuedBytes = 0
    this.#inbox.length = 0
    this.#wire.trace('close', this, cause === undefined ? undefined : Buffer.from(cause.message))
    this.#wire.onClosed(this)
    const receiver = this.#receiver
    if (receiver !== undefined) this.#wire.soon(() => receiver.onClose(cause))
  }
}
