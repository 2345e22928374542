/** Bits of a topic's permission. Java: PermName. */
export const Permission = { READ: 4, WRITE: 2 } as const

/** The permission without the right to write. */
export function withoutWrite(perm: number): number {
  return perm & ~Permission.WRITE
}
