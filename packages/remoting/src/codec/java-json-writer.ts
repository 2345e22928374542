/** A number whose text is fixed, made by {@link javaDouble}. */
export class JavaNumber {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}

const decimalLimit = 1e7
const decimalFloor = 1e-3

/** A double as Java prints it: 0.0, 12.5, 1.0E7. */
export function javaDouble(value: number): JavaNumber {
  return new JavaNumber(javaDoubleText(value))
}

function javaDoubleText(value: number): string {
  if (!Number.isFinite(value)) return 'null'
  const magnitude = Math.abs(value)
  if (magnitude === 0 || (magnitude >= decimalFloor && magnitude < decimalLimit)) {
    return Number.isInteger(value) ? value.toFixed(1) : String(value)
  }
  const [mantissa, exponent] = value.toExponential().split('e') as [string, string]
  return `${mantissa.includes('.') ? mantissa : `${mantissa}.0`}E${Number(exponent)}`
}

/** How {@link stringifyJavaJson} lays out its text. */
export interface JavaJsonOptions {
  /**
   * As the files of a 5.4.0 broker are laid out: tabs, LF, no space after the colon, one member or item a line; an object without
   * members takes three lines.
   */
  readonly pretty?: boolean
}

/**
 * Writes JSON as fastjson does, members in the order given, undefined ones left out. A Map with integers or objects as keys has
 * them bare, which is no standard JSON: Java reads and writes it so. A Set is an array.
 */
export function stringifyJavaJson(value: unknown, options: JavaJsonOptions = {}): string {
  return options.pretty === true ? prettyText(value, 0) : compactText(value)
}

function compactText(value: unknown): string {
  if (typeof value !== 'object' || value === null) return scalarText(value)
  if (value instanceof JavaNumber) return value.text
  if (isList(value)) return `[${Array.from(value, compactText).join(',')}]`
  return `{${membersOf(value)
    .map(([key, member]) => `${keyText(key)}:${compactText(member)}`)
    .join(',')}}`
}

function prettyText(value: unknown, depth: number): string {
  if (typeof value !== 'object' || value === null || value instanceof JavaNumber) return compactText(value)
  const outer = `\n${'\t'.repeat(depth)}`
  const inner = `${outer}\t`
  if (isList(value)) {
    const items = Array.from(value, (item) => inner + prettyText(item, depth + 1))
    return items.length === 0 ? '[]' : `[${items.join(',')}${outer}]`
  }
  const members = membersOf(value)
  if (members.length === 0) return `{${inner}${outer}}`
  const lines = members.map(([key, member]) => {
    const name = typeof key === 'string' ? keyText(key) : prettyText(key, depth + 1)
    return `${inner}${name}:${prettyText(member, depth + 1)}`
  })
  return `{${lines.join(',')}${outer}}`
}

function scalarText(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return JSON.stringify(value)
    case 'number':
      return Number.isFinite(value) ? String(value) : 'null'
    case 'boolean':
      return String(value)
    default:
      return 'null'
  }
}

function keyText(key: unknown): string {
  return typeof key === 'string' ? JSON.stringify(key) : compactText(key)
}

function isList(value: object): value is readonly unknown[] | ReadonlySet<unknown> {
  return Array.isArray(value) || value instanceof Set
}

function membersOf(value: object): [unknown, unknown][] {
  const members: [unknown, unknown][] = value instanceof Map ? [...value] : Object.entries(value)
  return members.filter(([, member]) => member !== undefined)
}
