import type { Logger, Runtime } from '@mq/remoting'

const requestTimeoutMs = 3000
const maxResponseSize = 65_536

/** Which address server is asked, and for whom. */
export interface TopAddressingOptions {
  readonly runtime: Runtime
  readonly logger: Logger
  /** `host` or `host:port`. */
  readonly domain: string
  readonly subgroup: string
  readonly unitName: string | undefined
}

/** The path that is asked for. Java: DefaultTopAddressing#buildWsAddr. */
export function topAddressingPath(options: Pick<TopAddressingOptions, 'subgroup' | 'unitName'>): string {
  const unit = options.unitName === undefined ? '' : `-${options.unitName}?nofix=1`
  return `/rocketmq/${options.subgroup}${unit}`
}

/**
 * Asks an HTTP server for the name servers' addresses: the first line of a 200 answer, or undefined, with the reason in the
 * log. Never rejects; takes at most 3000 ms. Java: DefaultTopAddressing#fetchNSAddr.
 */
export async function fetchNameServerAddresses(options: TopAddressingOptions): Promise<string | undefined> {
  const { domain, logger } = options
  try {
    const response = await httpGet(options)
    const [head, body] = splitOnce(response, '\r\n\r\n')
    if (!/^HTTP\/1\.[01] 200\b/.test(head)) {
      logger.warn('the address server did not answer 200', { domain, status: splitOnce(head, '\r\n')[0] })
      return undefined
    }
    const line = splitOnce(body, '\n')[0].trim()
    return line === '' ? undefined : line
  } catch (cause) {
    logger.warn('the address server could not be asked', { domain, cause })
    return undefined
  }
}

function splitOnce(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator)
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + separator.length)]
}

/** One HTTP/1.0 exchange, which ends with the connection: no keep-alive and no chunks to understand. */
async function httpGet(options: TopAddressingOptions): Promise<string> {
  const { runtime, domain } = options
  const [host = domain, port] = domain.split(':')
  const endpoint = { host, port: port === undefined ? 80 : Number(port) }
  const stream = await runtime.network.connect({ ...endpoint, timeoutMs: requestTimeoutMs })
  return new Promise<string>((resolve, reject) => {
    const chunks: Buffer[] = []
    let size = 0
    const timer = runtime.timers.after(requestTimeoutMs, () => stream.destroy(new Error('no answer in 3000 ms')))
    stream.open({
      onData(chunk) {
        size += chunk.length
        if (size > maxResponseSize) stream.destroy(new Error(`the answer is larger than ${maxResponseSize} bytes`))
        else chunks.push(Buffer.from(chunk))
      },
      onDrain() {},
      onClose(cause) {
        timer.cancel()
        if (cause === undefined) resolve(Buffer.concat(chunks).toString('utf8'))
        else reject(cause)
      },
    })
    const request = `GET ${topAddressingPath(options)} HTTP/1.0\r\nHost: ${domain}\r\nConnection: close\r\n\r\n`
    stream.write(Buffer.from(request, 'latin1'))
  })
}
