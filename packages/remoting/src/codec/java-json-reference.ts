import { RemotingCommandError } from '../errors.js'

/** The most values that all references of one text may stand for together. */
const maxReferencedValues = 100_000

/** Follows fastjson's `{"$ref":"$.a.b[0]"}` to a value read earlier in the same text. */
export interface ReferenceResolver {
  /** A container begins; it stays open until `leave`. */
  enter(container: object): void
  leave(): void
  /** The value at the path; null when there is none. @throws RemotingCommandError when references grow without bound. */
  resolve(path: string): unknown
}

/** Makes the resolver of one text. */
export function createReferenceResolver(): ReferenceResolver {
  const open: object[] = []
  let root: object | undefined
  let budget = maxReferencedValues
  return {
    enter(container: object): void {
      root ??= container
      open.push(container)
    },
    leave(): void {
      open.pop()
    },
    resolve(path: string): unknown {
      const value = valueAt(root, path)
      // A container still being read is an ancestor: following it would make a circle.
      if (value === undefined || value === null || open.includes(value)) return null
      budget -= countValues(value, budget)
      if (budget <= 0) {
        throw new RemotingCommandError(`JSON references stand for more than ${maxReferencedValues} values`)
      }
      return value
    },
  }
}

function valueAt(root: object | undefined, path: string): object | null | undefined {
  if (!path.startsWith('$')) return undefined
  let value: unknown = root
  for (const segment of pathSegments(path)) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, segment)) return undefined
    value = Reflect.get(value, segment)
  }
  return typeof value === 'object' ? value : undefined
}

/** `$.a.b\.c[0]` → a, b.c, 0 */
function pathSegments(path: string): string[] {
  const segments: string[] = []
  for (const match of path.matchAll(/\.((?:\\.|[^.[\\])+)|\[(\d+)\]/g)) {
    segments.push(match[2] ?? (match[1] as string).replace(/\\(.)/g, '$1'))
  }
  return segments
}

function countValues(value: unknown, limit: number): number {
  if (typeof value !== 'object' || value === null) return 1
  let count = 1
  for (const member of Array.isArray(value) ? value : Object.values(value)) {
    count += countValues(member, limit - count)
    if (count >= limit) break
  }
  return count
}
