import { type OnReadOpts, Socket } from 'node:net'
import type { ByteStream, Endpoint, StreamReceiver } from './runtime.js'

const READ_BUFFER_SIZE = 65_536

/**
 * Sockets read into one buffer for the whole process: libuv fills it and calls back before it reads another socket. On Windows
 * reads are outstanding in the kernel, so there every socket keeps Node's own buffers.
 */
const hasSharedReadBuffer = process.platform !== 'win32'
let sharedReadBuffer: Buffer | undefined

/** Passes what a socket reads to its stream, which exists only after the socket. */
interface ReadTarget {
  stream: NodeByteStream | undefined
}

/** The part of libuv's handle that the static read buffer needs; private in Node, so everything here checks for it. */
interface StreamHandle {
  useUserBuffer?: unknown
}
type WithHandle = { _handle: StreamHandle | null }

function onread(target: ReadTarget): OnReadOpts {
  sharedReadBuffer ??= Buffer.allocUnsafeSlow(READ_BUFFER_SIZE)
  return {
    buffer: sharedReadBuffer,
    callback(size: number, buffer: Uint8Array): boolean {
      target.stream?.receive((buffer as Buffer).subarray(0, size))
      return true
    },
  }
}

/** A socket that has not connected yet, and the stream it becomes; it reads nothing before {@link NodeByteStream.open}. */
export function connectingStream(): NodeByteStream {
  const target: ReadTarget = { stream: undefined }
  // The type declarations know `onread` only for connect; it is the constructor that reads it.
  const socket = new Socket((hasSharedReadBuffer ? { onread: onread(target) } : {}) as object)
  socket.pause()
  const stream = new NodeByteStream(socket, !hasSharedReadBuffer)
  target.stream = stream
  return stream
}

/**
 * A stream over a socket that a server accepted with `pauseOnConnect`. Servers cannot hand their sockets a static read buffer, so
 * the connection's handle moves to a socket that has one; where that is impossible the accepted socket is used as it is.
 */
export function acceptedStream(accepted: Socket): NodeByteStream {
  const raw = accepted as unknown as WithHandle
  if (!hasSharedReadBuffer || typeof raw._handle?.useUserBuffer !== 'function')
    return new NodeByteStream(accepted, true)
  const target: ReadTarget = { stream: undefined }
  const options = { handle: raw._handle, pauseOnCreate: true, onread: onread(target) }
  const socket = new Socket(options as object)
  raw._handle = null
  accepted.destroy()
  const stream = new NodeByteStream(socket, false)
  target.stream = stream
  return stream
}

/** A TCP connection through `node:net`. */
export class NodeByteStream implements ByteStream {
  readonly socket: Socket
  readonly #hasDataEvents: boolean
  #local: Endpoint | undefined
  #remote: Endpoint | undefined
  #receiver: StreamReceiver | undefined
  #cause: Error | undefined
  #isClosed = false
  #isBlocked = false

  constructor(socket: Socket, hasDataEvents: boolean) {
    this.socket = socket
    this.#hasDataEvents = hasDataEvents
    socket.on('error', (cause) => {
      this.#cause ??= cause
    })
    socket.on('close', () => this.#onClose())
  }

  get local(): Endpoint {
    this.#local ??= { host: this.socket.localAddress ?? '', port: this.socket.localPort ?? 0 }
    return this.#local
  }

  get remote(): Endpoint {
    this.#remote ??= { host: this.socket.remoteAddress ?? '', port: this.socket.remotePort ?? 0 }
    return this.#remote
  }

  get pendingBytes(): number {
    return this.socket.writableLength
  }

  open(receiver: StreamReceiver): void {
    this.#receiver = receiver
    if (this.#isClosed) {
      process.nextTick(() => receiver.onClose(this.#cause))
      return
    }
    if (this.#hasDataEvents) this.socket.on('data', (chunk: Buffer) => this.receive(chunk))
    this.socket.resume()
  }

  /** Bytes read from the socket; valid only during the call. */
  receive(chunk: Buffer): void {
    this.#receiver?.onData(chunk)
  }

  write(bytes: Buffer, onWritten?: () => void): boolean {
    this.socket.write(bytes, (error) => {
      // A closed stream reports once, through onClose; Node completes a write that a close cut short without an error.
      if ((error !== undefined && error !== null) || this.socket.destroyed) return
      onWritten?.()
      if (this.#isBlocked && this.socket.writableLength === 0) {
        this.#isBlocked = false
        this.#receiver?.onDrain()
      }
    })
    // Node hands the bytes to the kernel at once where it can; what is still here then waits for the peer.
    if (this.socket.writableLength > 0) this.#isBlocked = true
    return !this.#isBlocked
  }

  pause(): void {
    this.socket.pause()
  }

  resume(): void {
    this.socket.resume()
  }

  end(): void {
    this.socket.end()
  }

  destroy(cause?: Error): void {
    this.#cause ??= cause
    this.socket.destroy()
  }

  #onClose(): void {
    this.#isClosed = true
    this.#receiver?.onClose(this.#cause)
  }
}
