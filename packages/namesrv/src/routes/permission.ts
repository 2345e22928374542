import { Permission } from '@mq/remoting'

/** The permission without the right to write. */
export function withoutWrite(perm: number): number {
  return perm & ~Permission.WRITE
}
