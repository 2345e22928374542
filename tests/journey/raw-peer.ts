import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { createExtFields, encodeFrame, FrameDecoder, RemotingCommand } from '@mq/remoting'

/** A request with exactly these fields, whatever its command wants. */
export function rawRequest(
  code: number,
  fields: Readonly<Record<string, string>> = {},
  body?: Buffer | string,
): RemotingCommand {
  const request = new RemotingCommand(code)
  request.extFields = createExtFields(fields)
  request.body = typeof body === 'string' ? Buffer.from(body) : body
  return request
}

/** A socket of its own that sends exactly the bytes that a test gives it. */
export class RawPeer implements Disposable {
  readonly socket: Socket
  /** Settles when the other side has ended or reset the connection. */
  readonly closed: Promise<void>
  readonly #decoder = new FrameDecoder()
  readonly #answers = new Map<number, RemotingCommand>()
  #isClosed = false
  #lastOpaque = 0
  #wake = (): void => {}

  private constructor(socket: Socket) {
    this.socket = socket
    // A reset is one of the ways in which a peer says no.
    socket.on('error', () => {})
    socket.on('data', (chunk) => this.#onData(chunk))
    this.closed = new Promise((resolve) => {
      socket.on('close', () => {
        this.#isClosed = true
        this.#wake()
        resolve()
      })
    })
  }

  static async connect(address: string): Promise<RawPeer> {
    const [host = '', port] = address.split(':')
    const socket = connect({ host, port: Number(port) })
    const peer = new RawPeer(socket)
    await once(socket, 'connect')
    return peer
  }

  /** Answers received. */
  get answerCount(): number {
    return this.#answers.size
  }

  get isClosed(): boolean {
    return this.#isClosed
  }

  write(bytes: Buffer): void {
    this.socket.write(bytes)
  }

  /** Sends a request; see {@link answerTo}. */
  send(request: RemotingCommand): number {
    request.opaque = ++this.#lastOpaque
    this.write(encodeFrame(request))
    return request.opaque
  }

  /** The answer to a request, or undefined if the connection was closed instead. */
  async answerTo(opaque: number): Promise<RemotingCommand | undefined> {
    while (!this.#answers.has(opaque) && !this.#isClosed) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
    return this.#answers.get(opaque)
  }

  /** Sends a request and waits for its answer; undefined if the connection was closed instead. */
  ask(request: RemotingCommand): Promise<RemotingCommand | undefined> {
    return this.answerTo(this.send(request))
  }

  [Symbol.dispose](): void {
    this.socket.destroy()
  }

  #onData(chunk: Buffer): void {
    this.#decoder.push(chunk)
    for (let frame = this.#decoder.next(); frame !== undefined; frame = this.#decoder.next()) {
      if (frame.body !== undefined) frame.body = Buffer.from(frame.body)
      this.#answers.set(frame.opaque, frame)
    }
    this.#wake()
  }
}
