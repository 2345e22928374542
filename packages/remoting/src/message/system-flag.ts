/** Bits of a message's system flag. Java: MessageSysFlag. */
export const SystemFlag = {
  COMPRESSED: 0x1,
  MULTI_TAGS: 0x2,
  TRANSACTION_NOT: 0x0,
  TRANSACTION_PREPARED: 0x4,
  TRANSACTION_COMMIT: 0x8,
  TRANSACTION_ROLLBACK: 0xc,
  BORNHOST_V6: 0x10,
  STOREHOST_V6: 0x20,
  NEED_UNWRAP: 0x40,
  INNER_BATCH: 0x80,
  COMPRESSION_LZ4: 0x100,
  COMPRESSION_ZSTD: 0x200,
  COMPRESSION_ZLIB: 0x300,
} as const

const TRANSACTION_MASK = 0xc
const COMPRESSION_MASK = 0x700

/** How a compressed body was compressed. Java: CompressionType. */
export type CompressionType = 'LZ4' | 'ZSTD' | 'ZLIB'

/** The transaction bits: one of the `SystemFlag.TRANSACTION_…` values. */
export function transactionValueOf(sysFlag: number): number {
  return sysFlag & TRANSACTION_MASK
}

/** The flag with its transaction bits replaced by one of the `SystemFlag.TRANSACTION_…` values. */
export function withTransactionValue(sysFlag: number, transaction: number): number {
  return (sysFlag & ~TRANSACTION_MASK) | transaction
}

/** The compression of a body whose COMPRESSED bit is set; ZLIB if no type is given, as old clients do; undefined for unassigned types. */
export function compressionTypeOf(sysFlag: number): CompressionType | undefined {
  const type = sysFlag & COMPRESSION_MASK
  if (type === SystemFlag.COMPRESSION_LZ4) return 'LZ4'
  if (type === SystemFlag.COMPRESSION_ZSTD) return 'ZSTD'
  return type === SystemFlag.COMPRESSION_ZLIB || type === 0 ? 'ZLIB' : undefined
}

/** The flag of a body compressed with `type`: the COMPRESSED bit and the type's bits. */
export function withCompression(sysFlag: number, type: CompressionType): number {
  return (sysFlag & ~COMPRESSION_MASK) | SystemFlag.COMPRESSED | SystemFlag[`COMPRESSION_${type}`]
}
