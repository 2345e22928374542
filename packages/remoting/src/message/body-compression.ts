/** A way to compress bodies that the caller brings along, such as a package that is not part of this one. */
export interface BodyCompression {
  /** Throws when the bytes are damaged or the result would exceed `maxSize` bytes. */
  decompress(body: Uint8Array, maxSize: number): Uint8Array
  /** Left out by a package that only reads. The body must not change meanwhile. */
  compress?(body: Uint8Array, level: number): Promise<Uint8Array>
}

/** What the caller brings along for the compressions that Node itself may lack. */
export interface BodyCompressions {
  /** Bodies are LZ4 frames, not blocks. */
  readonly LZ4?: BodyCompression
  /** Used instead of Node's own, if that has one. */
  readonly ZSTD?: BodyCompression
}
