import * as zlib from 'node:zlib'
import type { BodyCompression } from './body-compression.js'

type ZstdCallback = (error: Error | null, result: Buffer) => void

/** The part of node:zlib that Node 22.15 and 23.8 added. */
interface ZlibWithZstd {
  readonly zstdCompress?: (body: Uint8Array, options: object, callback: ZstdCallback) => void
  readonly zstdDecompressSync?: (body: Uint8Array, options: { maxOutputLength: number }) => Buffer
  readonly constants: { readonly ZSTD_c_compressionLevel?: number }
}

/** Node's own Zstandard; undefined where Node has none. */
export const nodeZstd: Required<BodyCompression> | undefined = zstdOf(zlib as unknown as ZlibWithZstd)

function zstdOf({ zstdCompress, zstdDecompressSync, constants }: ZlibWithZstd): typeof nodeZstd {
  const { ZSTD_c_compressionLevel: levelParameter } = constants
  if (zstdCompress === undefined || zstdDecompressSync === undefined || levelParameter === undefined) return undefined
  return {
    decompress: (body, maxSize) => zstdDecompressSync(body, { maxOutputLength: maxSize }),
    compress: (body, level) =>
      new Promise((resolve, reject) => {
        zstdCompress(body, { params: { [levelParameter]: level } }, (error, result) => {
          if (error === null) resolve(result)
          else reject(error)
        })
      }),
  }
}
