import type { ByteStream, Endpoint, StreamReceiver } from '@mq/remoting'

/** Who hears of an observed stream. */
export interface StreamObserver {
  /** So many bytes are being written. */
  onWrite(size: number): void
  /** So many bytes were read. */
  onRead(size: number): void
  onClose(): void
}

/** A stream that reports its traffic and can be kept from reading. */
export class ObservedStream implements ByteStream {
  readonly #stream: ByteStream
  readonly #observer: StreamObserver
  #receiver: StreamReceiver | undefined
  #isOpen = false
  #isPausedByOwner = false
  #isHeld = false

  constructor(stream: ByteStream, observer: StreamObserver) {
    this.#stream = stream
    this.#observer = observer
  }

  /** Whether it takes what arrives. */
  get isReading(): boolean {
    return this.#isOpen && !this.#isHeld && !this.#isPausedByOwner
  }

  get local(): Endpoint {
    return this.#stream.local
  }

  get remote(): Endpoint {
    return this.#stream.remote
  }

  get pendingBytes(): number {
    return this.#stream.pendingBytes
  }

  open(receiver: StreamReceiver): void {
    this.#receiver = receiver
    // Pausing right behind opening would let the first chunk through.
    if (!this.#isHeld) this.#open(receiver)
  }

  write(bytes: Buffer, onWritten?: () => void): boolean {
    this.#observer.onWrite(bytes.length)
    return this.#stream.write(bytes, onWritten)
  }

  pause(): void {
    this.#isPausedByOwner = true
    if (this.#isOpen) this.#stream.pause()
  }

  resume(): void {
    this.#isPausedByOwner = false
    if (this.#isOpen && !this.#isHeld) this.#stream.resume()
  }

  end(): void {
    this.#stream.end()
  }

  destroy(cause?: Error): void {
    this.#stream.destroy(cause)
  }

  /** Reads nothing until {@link release}, whatever its owner says. */
  hold(): void {
    this.#isHeld = true
    if (this.#isOpen) this.#stream.pause()
  }

  /** Reads again if its owner wants to. */
  release(): void {
    this.#isHeld = false
    if (!this.#isOpen && this.#receiver !== undefined) this.#open(this.#receiver)
    else if (this.#isOpen && !this.#isPausedByOwner) this.#stream.resume()
  }

  #open(receiver: StreamReceiver): void {
    const observer = this.#observer
    this.#isOpen = true
    this.#stream.open({
      onData(chunk) {
        observer.onRead(chunk.length)
        receiver.onData(chunk)
      },
      onDrain: () => receiver.onDrain(),
      onClose(cause) {
        observer.onClose()
        receiver.onClose(cause)
      },
    })
    if (this.#isPausedByOwner) this.#stream.pause()
  }
}
