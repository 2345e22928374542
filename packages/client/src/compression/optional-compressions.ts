import {
  type BodyCompression,
  type BodyCompressions,
  CompressionError,
  type CompressionType,
  compressionTypesOfRecords,
  isBuiltInCompression,
} from '@mq/remoting'
import { lz4FrameBound } from './lz4-frame.js'

/** Loads a compression from the package that has it; rejects when the package is not installed. */
export type CompressionLoader = () => Promise<BodyCompression>

/** The compressions that packages bring along. */
export type PackagedCompression = 'LZ4' | 'ZSTD'

/** The package of each compression: optional peers, which are not installed unless the application does it. */
const compressionPackages: Readonly<Record<PackagedCompression, string>> = { LZ4: 'lz4-napi', ZSTD: 'fzstd' }

const packageLoaders: Readonly<Record<PackagedCompression, CompressionLoader>> = { LZ4: loadLz4, ZSTD: loadZstd }

/**
 * LZ4 and Zstandard from packages of the application's choice, each loaded once, when the first body needs it. Until a
 * package is there, a body that needs it cannot be decoded, and its error names the package.
 */
export class OptionalCompressions {
  readonly #loaders: Readonly<Record<PackagedCompression, CompressionLoader>>
  readonly #loading = new Map<PackagedCompression, Promise<BodyCompression>>()
  #loaded: BodyCompressions = {}

  constructor(loaders: Readonly<Record<PackagedCompression, CompressionLoader>> = packageLoaders) {
    this.#loaders = loaders
  }

  /** What is loaded so far, for `compressions` of the functions that read and write bodies. */
  get loaded(): BodyCompressions {
    return this.#loaded
  }

  /** What the records of a pull or query answer need, loaded; undefined when that is nothing yet to be loaded. Never rejects. */
  loadFor(records: Buffer): Promise<void> | undefined {
    const missing = [...compressionTypesOfRecords(records)].filter((type) => this.#isMissing(type))
    if (missing.length === 0) return undefined
    return Promise.all(missing.map((type) => this.load(type))).then(() => undefined)
  }

  /** Loads one compression, if it has to be. Never rejects: using what could not be loaded throws the CompressionError. */
  async load(type: CompressionType): Promise<void> {
    if (!this.#isMissing(type)) return
    const loading = this.#loading.get(type) ?? this.#load(type)
    this.#loading.set(type, loading)
    this.#loaded = { ...this.#loaded, [type]: await loading }
  }

  #isMissing(type: CompressionType): type is PackagedCompression {
    return type !== 'ZLIB' && !isBuiltInCompression(type) && this.#loaded[type] === undefined
  }

  async #load(type: PackagedCompression): Promise<BodyCompression> {
    try {
      return await this.#loaders[type]()
    } catch (cause) {
      const name = compressionPackages[type]
      const missing = (): never => {
        throw new CompressionError(
          `a body is compressed with ${type}, which needs the package '${name}': run "npm install ${name}", or let producers use ZLIB`,
          { cause, fields: { type, package: name } },
        )
      }
      return { decompress: missing, compress: async () => missing() }
    }
  }
}

async function loadLz4(): Promise<BodyCompression> {
  const { compressFrame, decompressFrameSync } = withDefault(await import('lz4-napi'))
  return {
    compress: (body) => compressFrame(body),
    decompress(body, maxSize) {
      const bound = lz4FrameBound(body)
      if (bound > maxSize + maxLz4BlockSize) throw tooLarge(maxSize)
      return checkSize(decompressFrameSync(Buffer.from(body.buffer, body.byteOffset, body.byteLength)), maxSize)
    },
  }
}

/** A last block may decompress to less than its size, so the bound is exact to one block. */
const maxLz4BlockSize = 4 * 1024 * 1024

async function loadZstd(): Promise<BodyCompression> {
  const { Decompress } = withDefault(await import('fzstd'))
  return {
    decompress(body, maxSize) {
      const chunks: Uint8Array[] = []
      let size = 0
      const stream = new Decompress((chunk) => {
        size += chunk.length
        if (size > maxSize) throw tooLarge(maxSize)
        chunks.push(chunk)
      })
      stream.push(body, true)
      return Buffer.concat(chunks, size)
    },
  }
}

/** A CommonJS package that was imported may have all its names in `default`. */
function withDefault<T extends object>(imported: T): T {
  return (imported as { readonly default?: T }).default ?? imported
}

function checkSize(body: Uint8Array, maxSize: number): Uint8Array {
  if (body.length > maxSize) throw tooLarge(maxSize)
  return body
}

function tooLarge(maxSize: number): RangeError {
  return new RangeError(`larger than ${maxSize} bytes once decompressed`)
}
