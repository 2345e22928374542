import type { ConfigTable, ConfigValue } from '@mq/broker'
import type { LoadedConfiguration } from './load-configuration.js'

/** What is printed of a configuration. */
export interface PrintOptions {
  /** Every key, not only those that were given. */
  readonly effective: boolean
  /** One JSON document instead of a property file. */
  readonly json: boolean
}

/**
 * A configuration as text that ends with a line feed: a property file that can be given to -c, with each value's origin and
 * meaning as a comment, or JSON `{ key: { value, origin } }`.
 */
export function printConfiguration(
  { values, originOf }: LoadedConfiguration<Readonly<Record<string, ConfigValue>>>,
  table: ConfigTable,
  { effective, json }: PrintOptions,
): string {
  const keys = Object.keys(table).filter((key) => effective || !originOf(key).startsWith('default'))
  if (json) {
    const entries = keys.map((key) => [key, { value: values[key], origin: originOf(key) }])
    return `${JSON.stringify(Object.fromEntries(entries), null, 2)}\n`
  }
  return keys
    .map((key) => `# ${table[key]!.meaning} [${originOf(key)}]\n${key}=${escapeValue(String(values[key]))}\n`)
    .join('')
}

/** Writes a value so that the property file parser reads it back. */
function escapeValue(value: string): string {
  return value.replaceAll('\\', '\\\\').replace(/^ /, '\\ ')
}
