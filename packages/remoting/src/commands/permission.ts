/** Bits of a topic's or broker's permission. Java: PermName. */
export const Permission = { INHERIT: 1, WRITE: 2, READ: 4, READ_WRITE: 6, PRIORITY: 8 } as const

/** Whether messages may be read. */
export function isReadable(perm: number): boolean {
  return (perm & Permission.READ) !== 0
}

/** Whether messages may be written. */
export function isWriteable(perm: number): boolean {
  return (perm & Permission.WRITE) !== 0
}

/** Whether new topics may be made from this one. */
export function isInherited(perm: number): boolean {
  return (perm & Permission.INHERIT) !== 0
}

/** Whether the number is a permission at all. Java: PermName#isValid. */
export function isValidPermission(perm: number): boolean {
  return Number.isInteger(perm) && perm >= 0 && perm < Permission.PRIORITY
}
