import { promisify } from 'node:util'
import { deflate, inflateSync } from 'node:zlib'
import { CompressionError } from '../errors.js'
import { type CompressionType, compressionTypeOf } from './system-flag.js'

/** How a body is compressed. */
export interface CompressOptions {
  /** Default ZLIB, the only one this version has. */
  readonly type?: CompressionType
  /** 0 (none) to 9 (smallest). Default 5. Java: rocketmq.message.compressLevel. */
  readonly level?: number
}

/** How a body is decompressed. */
export interface DecompressOptions {
  /** The message's flag, which names the compression. */
  readonly sysFlag: number
  /** Largest result in bytes. Default 16 MiB. */
  readonly maxSize?: number
}

const DEFAULT_LEVEL = 5
const DEFAULT_MAX_SIZE = 16 * 1024 * 1024
const deflateAsync = promisify(deflate)

/** The npm package each missing compression needs. */
const packageFor = { LZ4: 'lz4js', ZSTD: 'fzstd' } as const

/**
 * Compresses a body away from the event loop; the body must not change meanwhile. Java: ZlibCompressor.
 * @throws CompressionError for LZ4 and ZSTD.
 */
export async function compress(body: Uint8Array, options: CompressOptions = {}): Promise<Buffer> {
  const type = options.type ?? 'ZLIB'
  if (type !== 'ZLIB') throw notSupported(type)
  return deflateAsync(body, { level: options.level ?? DEFAULT_LEVEL })
}

/**
 * Decompresses the body of a message whose COMPRESSED bit is set; the result is the caller's.
 * @throws CompressionError if the compression is not supported, the bytes are damaged, or the result exceeds `maxSize`.
 */
export function decompress(body: Uint8Array, options: DecompressOptions): Buffer {
  const type = compressionTypeOf(options.sysFlag)
  if (type !== 'ZLIB') throw notSupported(type)
  const maxSize = options.maxSize ?? DEFAULT_MAX_SIZE
  try {
    return inflateSync(body, { maxOutputLength: maxSize })
  } catch (cause) {
    throw new CompressionError(
      `the compressed body of ${body.length} bytes is damaged or larger than ${maxSize} bytes once decompressed: ` +
        'look at what its producer sent, or raise the limit',
      { cause, fields: { compressedSize: body.length, maxSize } },
    )
  }
}

function notSupported(type: CompressionType | undefined): CompressionError {
  if (type === undefined || type === 'ZLIB') {
    return new CompressionError('the message names a compression that RocketMQ does not know: look at its producer')
  }
  return new CompressionError(
    `${type} compression comes in a later version (it needs a package such as ${packageFor[type]}): let producers use ZLIB`,
    { fields: { type } },
  )
}
