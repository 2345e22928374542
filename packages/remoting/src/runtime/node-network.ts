import { createServer, type AddressInfo, type Server } from 'node:net'
import { acceptedStream, connectingStream } from './node-byte-stream.js'
import type { ByteStream, ConnectOptions, Listener, ListenOptions, Network } from './runtime.js'

const DEFAULT_BACKLOG = 1024

/** TCP through `node:net`, without Nagle's delay. */
export const nodeNetwork: Network = { listen, connect }

function listen(options: ListenOptions): Promise<Listener> {
  const server = createServer({ pauseOnConnect: true, noDelay: true }, (socket) => {
    options.onConnection(acceptedStream(socket))
  })
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen({ host: options.host, port: options.port, backlog: options.backlog ?? DEFAULT_BACKLOG }, () => {
      server.off('error', reject)
      // A connection that could not be accepted (out of descriptors, say) is the kernel's to report again.
      server.on('error', (cause) => options.onAcceptError?.(cause))
      resolve(listenerOf(server))
    })
  })
}

function listenerOf(server: Server): Listener {
  const { address, port } = server.address() as AddressInfo
  return {
    endpoint: { host: address, port },
    // The port is free when close() returns; its callback would wait for the accepted streams, which live on.
    close(): Promise<void> {
      server.close()
      return Promise.resolve()
    },
  }
}

function connect(options: ConnectOptions): Promise<ByteStream> {
  const { host, port, timeoutMs, signal } = options
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) {
      reject(asError(signal.reason))
      return
    }
    const stream = connectingStream()
    const { socket } = stream
    const settle = (cause: unknown): void => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', onAbort)
      socket.off('error', settle)
      socket.off('connect', onConnect)
      if (cause === undefined) {
        resolve(stream)
        return
      }
      socket.destroy()
      reject(asError(cause))
    }
    const onConnect = (): void => settle(undefined)
    const onAbort = (): void => settle(signal?.reason)
    const timer = setTimeout(() => settle(connectTimeout(options)), timeoutMs)
    signal?.addEventListener('abort', onAbort)
    socket.on('error', settle)
    socket.on('connect', onConnect)
    // As an option of connect Node leaves it out without a word.
    socket.setNoDelay(true)
    socket.connect({ host, port })
  })
}

function connectTimeout({ host, port, timeoutMs }: ConnectOptions): Error {
  const error: NodeJS.ErrnoException = new Error(`connect ETIMEDOUT ${host}:${port} after ${timeoutMs} ms`)
  error.code = 'ETIMEDOUT'
  error.syscall = 'connect'
  return error
}

function asError(cause: unknown): Error {
  return cause instanceof Error ? cause : new Error('the connection attempt was aborted', { cause })
}
