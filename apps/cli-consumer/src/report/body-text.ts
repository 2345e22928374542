import { isUtf8 } from 'node:buffer'

/** The body as text; undefined when it is no UTF-8. */
export function textOf(body: Buffer): string | undefined {
  return isUtf8(body) ? body.toString('utf8') : undefined
}
