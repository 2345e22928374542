import { FrameDecoder } from '../codec/frame-decoder.js'
import { encodeFrameHeadInto, encodeFrameInto } from '../codec/frame-encoder.js'
import type { RemotingCommand, SerializeType } from '../codec/remoting-command.js'
import type { RequestHeaderScanner } from '../codec/request-header-scanner.js'
import { FrameError, RemotingConnectError, RemotingTooMuchRequestError } from '../errors.js'
import type { ByteStream, Endpoint, Runtime, StreamReceiver } from '../runtime/runtime.js'
import { Activity, type ActivityLimits } from './activity.js'
import { formatAddress } from './address.js'
import { type CallChannel, ConnectionCall, type InvokeOptions } from './connection-call.js'
import type { FlushQueue } from './flush-queue.js'
import type { ResponseTable } from './response-table.js'
import { isTlsHandshake } from './tls.js'
import type { SlabPool, WriteSlab } from './write-slab.js'

/** A slab with this much in it is written before the turn ends. */
const FULL_SLAB_BYTES = 131_072
/**
 * Bytes of the largest body that a connection copies when it is sent: its buffer may be used again at once. A larger one is written
 * from where it is; copying 40 KiB costs less than a write more.
 */
export const LARGEST_COPIED_BODY: number = 65_536
const LARGEST_BINARY_CODE = 32_767
const nothing: Buffer = Buffer.alloc(0)

/** Bounds of one connection. */
export interface ConnectionLimits extends ActivityLimits {
  /** Bytes, the length included. */
  readonly maxFrameSize: number
  /** Bytes a peer may leave unread before nothing more is read from it, and before requests to it are refused. */
  readonly writeHighWaterMark: number
}

/** What the connections of one client or server share. */
export interface ConnectionHost {
  readonly runtime: Runtime
  readonly limits: ConnectionLimits
  readonly serializeType: SerializeType
  readonly slabs: SlabPool
  readonly flushQueue: FlushQueue
  readonly responses: ResponseTable
  /**
   * Whether a peer that leaves its answers unread is no longer read from. Servers do; if clients did too, a client and a server
   * could each wait for the other to read.
   */
  readonly holdsBackSlowPeers: boolean
  /** Reads headers of requests into values at once; without it all come as text. */
  readonly requestHeaders: RequestHeaderScanner | undefined
  /** A request arrived; its body is borrowed until this returns. */
  onRequest(connection: Connection, request: RemotingCommand): void
  /** The first complete frame arrived. */
  onFirstFrame(connection: Connection): void
  /** This many requests sent with a one-way permit have left, or never will. */
  onOnewaysWritten(count: number): void
  onClosed(connection: Connection, cause: Error | undefined): void
}

/**
 * One connection and its half of the network loop: bytes received go through one decoder, frames sent gather in a slab and leave
 * in one write when the turn ends. Java: a Netty Channel with its handlers.
 */
export class Connection implements StreamReceiver, CallChannel {
  /** Unique within its client or server. */
  readonly id: number
  readonly remote: Endpoint
  /** ip:port of the peer. */
  readonly remoteAddress: string
  /** Whatever features want to remember of this peer. */
  readonly attributes: Map<string, unknown> = new Map()
  pendingResponses = 0
  readonly #host: ConnectionHost
  readonly #stream: ByteStream
  readonly #decoder: FrameDecoder
  readonly #activity: Activity
  #isOpen = true
  #isClosed = false
  #isRetiring = false
  #isHeldBack = false
  readonly #onceReading: (() => void)[] = []
  #slab: WriteSlab | undefined
  #isDirty = false
  #unwrittenOneways = 0
  #droppedOneways = 0

  constructor(host: ConnectionHost, stream: ByteStream, id: number) {
    this.#host = host
    this.#stream = stream
    this.id = id
    this.remote = stream.remote
    this.remoteAddress = formatAddress(stream.remote)
    const { limits, requestHeaders } = host
    this.#decoder = new FrameDecoder({ maxFrameSize: limits.maxFrameSize, requestHeaders })
    this.#activity = new Activity(this.#nowMs())
  }

  /** False once the connection is closing: nothing more is sent or handled. */
  get isOpen(): boolean {
    return this.#isOpen
  }

  /** False until the peer has sent one complete frame. */
  get hasReceivedFrame(): boolean {
    return this.#activity.hasReceivedFrame
  }

  /** Bytes sent that the kernel has not taken yet. */
  get pendingBytes(): number {
    return this.#stream.pendingBytes + (this.#slab?.writer.length ?? 0)
  }

  /** True while the peer leaves more unread than the limits allow: it should be sent nothing more. */
  get isBacklogged(): boolean {
    return this.pendingBytes > this.#host.limits.writeHighWaterMark
  }

  /**
   * Runs the task once the peer has read what it was sent, or is gone; false when it is not behind, and the task is not run. Only
   * servers tell, for only they hold back: a large answer can wait until then, and need not be made before.
   */
  onceRead(task: () => void): boolean {
    if (!this.#isHeldBack || this.#isClosed) return false
    this.#onceReading.push(task)
    return true
  }

  /** One-way requests dropped because the peer leaves too much unread. */
  get droppedOneways(): number {
    return this.#droppedOneways
  }

  /** Begins to read. */
  open(): void {
    this.#stream.open(this)
  }

  /**
   * Sends a frame with this turn's others; dropped when the connection is closing. A body over 64 KiB is not copied: it must not
   * change any more. @throws RemotingCommandError when the command cannot be encoded.
   */
  send(command: RemotingCommand): void {
    if (!this.#isOpen) return
    const { body } = command
    const serializeType = command.code > LARGEST_BINARY_CODE ? 'JSON' : this.#host.serializeType
    const slab = this.#openSlab()
    const { writer } = slab
    if (body === undefined || body.length <= LARGEST_COPIED_BODY) {
      encodeFrameInto(command, writer, serializeType)
      if (writer.length >= FULL_SLAB_BYTES) this.#writeSlab()
      return
    }
    encodeFrameHeadInto(command, writer, serializeType)
    const { oneways } = slab
    slab.oneways = 0
    this.#writeSlab()
    this.#stream.write(body, () => this.#onWritten(oneways))
    this.#checkBacklog()
  }

  /** Sends a request that holds a one-way permit; see {@link ConnectionHost.onOnewaysWritten}. @throws as {@link send}. */
  sendWithPermit(request: RemotingCommand): void {
    if (!this.#isOpen) {
      this.#host.onOnewaysWritten(1)
      return
    }
    const slab = this.#openSlab()
    slab.oneways += 1
    this.#unwrittenOneways += 1
    try {
      this.send(request)
    } catch (error) {
      slab.oneways -= 1
      this.#unwrittenOneways -= 1
      this.#host.onOnewaysWritten(1)
      throw error
    }
  }

  /** Sends a request without an answer; dropped and counted when the peer leaves too much unread. @throws as {@link send}. */
  sendOneway(request: RemotingCommand): void {
    if (this.isBacklogged) {
      this.#droppedOneways += 1
      return
    }
    request.opaque = this.#host.responses.nextOpaque()
    request.markOneway()
    this.send(request)
  }

  /** Sends a request to this peer and waits for its answer, whose body is the caller's own. Fails as RemotingClient#invokeSync. */
  invoke(request: RemotingCommand, options: InvokeOptions): Promise<RemotingCommand> {
    if (!this.#isOpen) {
      return Promise.reject(new RemotingConnectError(`the connection to ${this.remoteAddress} is closed`))
    }
    if (this.isBacklogged) {
      const message = `${this.remoteAddress} leaves ${this.pendingBytes} bytes unread: send it more once it reads`
      return Promise.reject(new RemotingTooMuchRequestError(message))
    }
    return new ConnectionCall(this, request, options).run(this.#host.responses, this.#host.runtime.clock)
  }

  /** Writes what this turn gathered. */
  flush(): void {
    this.#isDirty = false
    this.#writeSlab()
  }

  /** Closes at once, after handing what was gathered to the kernel; pending calls fail. */
  close(cause?: Error): void {
    if (this.#isClosed) return
    this.#writeSlab()
    this.#isOpen = false
    this.#stream.destroy(cause)
  }

  /** Sends what is queued, then ends; the peer is expected to end too. */
  end(): void {
    if (!this.#isOpen) return
    this.#writeSlab()
    this.#isOpen = false
    this.#stream.end()
    // Only a stream that is read shows that the peer has ended.
    this.#stream.resume()
  }

  /** Ends once the last pending call is over; for a peer that asked to be left. */
  retire(): void {
    this.#isRetiring = true
    if (this.pendingResponses === 0) this.end()
  }

  onNoPendingResponses(): void {
    if (this.#isRetiring) this.end()
  }

  /** Closes the connection if one of its deadlines has passed; called every second. */
  checkDeadlines(nowMs: number): void {
    if (this.#isClosed) return
    const { pendingBytes } = this.#stream
    const cause = this.#activity.passedDeadline(this.#host.limits, { nowMs, pendingBytes })
    if (cause !== undefined) this.close(cause)
  }

  onData(chunk: Buffer): void {
    if (!this.#isOpen) return
    this.#activity.onRead(this.#nowMs())
    if (!this.hasReceivedFrame && this.#decoder.bufferedBytes === 0 && isTlsHandshake(chunk[0])) {
      this.close(new FrameError('the peer began a TLS handshake, which this port does not speak: switch TLS off there'))
      return
    }
    this.#decoder.push(chunk)
    this.#decode()
  }

  onDrain(): void {
    this.#checkBacklog()
  }

  onClose(cause: Error | undefined): void {
    this.#isOpen = false
    this.#isClosed = true
    this.#slab = undefined
    if (this.#unwrittenOneways > 0) this.#host.onOnewaysWritten(this.#unwrittenOneways)
    this.#unwrittenOneways = 0
    this.#isHeldBack = false
    this.#runOnceReading()
    this.#host.responses.onChannelClosed(this, cause)
    this.#host.onClosed(this, cause)
  }

  #nowMs(): number {
    return this.#host.runtime.clock.monotonic()
  }

  #decode(): void {
    try {
      while (this.#isOpen && !this.#isHeldBack) {
        const command = this.#decoder.next()
        if (command === undefined) break
        this.#onCommand(command)
      }
    } catch (error) {
      this.close(error as Error)
      return
    }
    // What is left of the chunk has to outlive it: pushing nothing makes the decoder copy the rest.
    if (this.#isHeldBack) this.#decoder.push(nothing)
    this.#activity.onChunkDecoded(this.#decoder.bufferedBytes > 0)
  }

  #onCommand(command: RemotingCommand): void {
    const isFirst = !this.hasReceivedFrame
    this.#activity.onFrame()
    if (isFirst) this.#host.onFirstFrame(this)
    if (command.isResponse) this.#host.responses.complete(this, command)
    else this.#host.onRequest(this, command)
  }

  #openSlab(): WriteSlab {
    this.#slab ??= this.#host.slabs.take()
    if (!this.#isDirty) {
      this.#isDirty = true
      this.#host.flushQueue.add(this)
    }
    return this.#slab
  }

  #writeSlab(): void {
    const slab = this.#slab
    if (slab === undefined) return
    this.#slab = undefined
    if (slab.writer.length === 0) {
      this.#host.slabs.giveBack(slab)
      return
    }
    this.#activity.onWrite(this.#nowMs(), this.#stream.pendingBytes === 0)
    this.#stream.write(slab.writer.bytes(), () => this.#onSlabWritten(slab))
    this.#checkBacklog()
  }

  #onSlabWritten(slab: WriteSlab): void {
    const { oneways } = slab
    this.#host.slabs.giveBack(slab)
    this.#onWritten(oneways)
  }

  #onWritten(oneways: number): void {
    this.#activity.onWritten(this.#nowMs())
    if (oneways === 0) return
    this.#unwrittenOneways -= oneways
    this.#host.onOnewaysWritten(oneways)
  }

  #runOnceReading(): void {
    for (const task of this.#onceReading.splice(0)) task()
  }

  /** Stops reading from a peer that does not read, and reads again once it has taken everything. */
  #checkBacklog(): void {
    if (!this.#host.holdsBackSlowPeers || !this.#isOpen) return
    const { pendingBytes } = this.#stream
    if (!this.#isHeldBack && pendingBytes > this.#host.limits.writeHighWaterMark) {
      this.#isHeldBack = true
      this.#stream.pause()
    } else if (this.#isHeldBack && pendingBytes === 0) {
      this.#isHeldBack = false
      this.#activity.onReadAgain(this.#nowMs())
      this.#stream.resume()
      this.#runOnceReading()
      // Frames that arrived before; they may fill the backlog again.
      this.#decode()
    }
  }
}
