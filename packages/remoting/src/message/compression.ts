import { promisify } from 'node:util'
import { deflate, inflateSync } from 'node:zlib'
import { CompressionError } from '../errors.js'
import type { BodyCompression, BodyCompressions } from './body-compression.js'
import { type CompressionType, compressionTypeOf } from './system-flag.js'
import { nodeZstd } from './zstd.js'

/** How a body is compressed. */
export interface CompressOptions {
  /** Default ZLIB. */
  readonly type?: CompressionType
  /** 0 (none) to 9 (smallest); LZ4 has no levels. Default 5. Java: rocketmq.message.compressLevel. */
  readonly level?: number
  readonly compressions?: BodyCompressions
}

/** How a body is decompressed. */
export interface DecompressOptions {
  /** The message's flag, which names the compression. */
  readonly sysFlag: number
  /** Largest result in bytes. Default 16 MiB. */
  readonly maxSize?: number
  readonly compressions?: BodyCompressions
}

const DEFAULT_LEVEL = 5
const DEFAULT_MAX_SIZE = 16 * 1024 * 1024
const deflateAsync = promisify(deflate)

const zlib: Required<BodyCompression> = {
  compress: (body, level) => deflateAsync(body, { level }),
  decompress: (body, maxSize) => inflateSync(body, { maxOutputLength: maxSize }),
}

/** Whether bodies of this compression can be read without `compressions`. */
export function isBuiltInCompression(type: CompressionType): boolean {
  return builtIn(type) !== undefined
}

/**
 * Compresses a body away from the event loop; the body must not change meanwhile. Java: Compressor.
 * @throws CompressionError if the compression is neither built in nor brought along, or only reads.
 */
export async function compress(body: Uint8Array, options: CompressOptions = {}): Promise<Buffer> {
  const { type = 'ZLIB', level = DEFAULT_LEVEL } = options
  const compression = compressionOf(type, options.compressions)
  if (compression.compress === undefined) {
    throw new CompressionError(`${type} bodies can be read here, but not written: let producers use ZLIB`, {
      fields: { type },
    })
  }
  return asBuffer(await compression.compress(body, level))
}

/**
 * Decompresses the body of a message whose COMPRESSED bit is set; the result is the caller's.
 * @throws CompressionError if the compression is not supported, the bytes are damaged, or the result exceeds `maxSize`.
 */
export function decompress(body: Uint8Array, options: DecompressOptions): Buffer {
  const type = compressionTypeOf(options.sysFlag)
  if (type === undefined) {
    throw new CompressionError('the message names a compression that RocketMQ does not know: look at its producer')
  }
  const compression = compressionOf(type, options.compressions)
  const maxSize = options.maxSize ?? DEFAULT_MAX_SIZE
  try {
    return asBuffer(compression.decompress(body, maxSize))
  } catch (cause) {
    if (cause instanceof CompressionError) throw cause
    throw new CompressionError(
      `the ${type} compressed body of ${body.length} bytes is damaged or larger than ${maxSize} bytes once ` +
        'decompressed: look at what its producer sent, or raise the limit',
      { cause, fields: { type, compressedSize: body.length, maxSize } },
    )
  }
}

function compressionOf(type: CompressionType, brought: BodyCompressions | undefined): BodyCompression {
  const compression = (type === 'ZLIB' ? undefined : brought?.[type]) ?? builtIn(type)
  if (compression !== undefined) return compression
  throw new CompressionError(
    `${type} is not part of this Node.js: bring it along in \`compressions\`, or let producers use ZLIB`,
    { fields: { type } },
  )
}

function builtIn(type: CompressionType): BodyCompression | undefined {
  if (type === 'ZLIB') return zlib
  return type === 'ZSTD' ? nodeZstd : undefined
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
