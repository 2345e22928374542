import {
  type ByteStream,
  type Command,
  createRequest,
  defineCommand,
  encodeFrame,
  type Endpoint,
  FrameDecoder,
  type RemotingCommand,
  type RequestInput,
  type Runtime,
  string,
} from '../src/index.js'

/** A command of the tests' own: answers what it is sent, body included. */
export const Echo = defineCommand({
  code: 29_001,
  name: 'ECHO',
  access: 'anyone',
  servedBy: ['broker'],
  request: { text: string('any text') },
  response: { text: string('the same text') },
})

/** The other side of a connection, frame by frame: it says exactly what a test makes it say. */
export class WirePeer {
  readonly stream: ByteStream
  readonly closed: Promise<Error | undefined>
  isClosed = false
  /** Bytes received so far. */
  receivedBytes = 0
  readonly #decoder = new FrameDecoder()
  readonly #frames: RemotingCommand[] = []
  readonly #readers: Array<(frame: RemotingCommand) => void> = []

  constructor(stream: ByteStream) {
    this.stream = stream
    this.closed = new Promise((resolve) => {
      stream.open({
        onData: (chunk) => this.#onData(chunk),
        onDrain() {},
        onClose: (cause) => {
          this.isClosed = true
          resolve(cause)
        },
      })
    })
  }

  static async connect(runtime: Runtime, endpoint: Endpoint): Promise<WirePeer> {
    return new WirePeer(await runtime.network.connect({ ...endpoint, timeoutMs: 3000 }))
  }

  /** Frames received that nobody has asked for. */
  get unread(): number {
    return this.#frames.length
  }

  /** Sends a request and returns its opaque. */
  request<C extends Command>(command: C, header: RequestInput<C>, over: Partial<RemotingCommand> = {}): number {
    this.stream.write(requestFrame(command, header, over))
    return over.opaque ?? 0
  }

  send(command: RemotingCommand): void {
    this.stream.write(encodeFrame(command))
  }

  /** The next frame received. */
  next(): Promise<RemotingCommand> {
    const frame = this.#frames.shift()
    if (frame !== undefined) return Promise.resolve(frame)
    return new Promise((resolve) => this.#readers.push(resolve))
  }

  #onData(chunk: Buffer): void {
    this.receivedBytes += chunk.length
    this.#decoder.push(chunk)
    for (let frame = this.#decoder.next(); frame !== undefined; frame = this.#decoder.next()) {
      if (frame.body !== undefined) frame.body = Buffer.from(frame.body)
      const reader = this.#readers.shift()
      if (reader === undefined) this.#frames.push(frame)
      else reader(frame)
    }
  }
}

/** The bytes of a request, with fields of its command replaced. */
export function requestFrame<C extends Command>(
  command: C,
  header: RequestInput<C>,
  over: Partial<RemotingCommand> = {},
): Buffer {
  const request = createRequest(command, header, { body: over.body })
  const { isOneway, ...fields } = over
  Object.assign(request, fields)
  if (isOneway === true) request.markOneway()
  return encodeFrame(request)
}
