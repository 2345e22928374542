/** One configuration key: its kind, default, bounds and meaning. */
export interface ConfigEntry<T extends ConfigValue> {
  readonly kind: 'text' | 'integer' | 'boolean' | 'choice'
  readonly defaultValue: T
  readonly meaning: string
  /** Smallest accepted number; integers only. */
  readonly min?: number
  /** Largest accepted number; integers only. */
  readonly max?: number
  /** The accepted words; choices only. */
  readonly choices?: readonly string[]
  /** True when UPDATE_BROKER_CONFIG may change the key while the broker runs. */
  readonly changeable: boolean
}

/** What a configuration key can hold. */
export type ConfigValue = string | number | boolean

/** A table of keys; keys are spelled as in Java's property files. */
export type ConfigTable = Readonly<Record<string, ConfigEntry<ConfigValue>>>

/** The values of a table, by key. */
export type ConfigOf<T extends ConfigTable> = {
  -readonly [K in keyof T]: T[K] extends ConfigEntry<infer V> ? V : never
}

interface Bounds {
  readonly min?: number
  readonly max?: number
}

/** A key that holds text; the empty string means unset. */
export function text(defaultValue: string, meaning: string): ConfigEntry<string> {
  return { kind: 'text', defaultValue, meaning, changeable: false }
}

/** A key that holds a whole number, from 0 to 2^53 - 1 unless bounds say otherwise. */
export function integer(defaultValue: number, meaning: string, bounds: Bounds = {}): ConfigEntry<number> {
  return { kind: 'integer', defaultValue, meaning, min: 0, max: Number.MAX_SAFE_INTEGER, ...bounds, changeable: false }
}

/** A key that is on or off. */
export function flag(defaultValue: boolean, meaning: string): ConfigEntry<boolean> {
  return { kind: 'boolean', defaultValue, meaning, changeable: false }
}

/** A key that holds one of a few words. */
export function choice<const C extends string>(
  choices: readonly C[],
  defaultValue: NoInfer<C>,
  meaning: string,
): ConfigEntry<C> {
  return { kind: 'choice', choices, defaultValue, meaning, changeable: false }
}

/** The same key, open to UPDATE_BROKER_CONFIG. */
export function changeable<T extends ConfigValue>(entry: ConfigEntry<T>): ConfigEntry<T> {
  return { ...entry, changeable: true }
}

/** A value read from text, or why the text is not one. */
export type ParsedValue = { readonly value: ConfigValue } | { readonly problem: string }

/** Reads the value of a key as property files and UPDATE_BROKER_CONFIG write it. */
export function parseConfigValue(entry: ConfigEntry<ConfigValue>, source: string): ParsedValue {
  const trimmed = source.trim()
  switch (entry.kind) {
    case 'text':
      return { value: trimmed }
    case 'boolean':
      return parseFlag(trimmed)
    case 'choice':
      return entry.choices?.includes(trimmed) === true
        ? { value: trimmed }
        : { problem: `'${trimmed}' is not one of ${entry.choices?.join(', ') ?? ''}` }
    case 'integer':
      return parseInteger(entry, trimmed)
  }
}

function parseFlag(source: string): ParsedValue {
  const lower = source.toLowerCase()
  if (lower === 'true' || lower === 'false') return { value: lower === 'true' }
  return { problem: `'${source}' is neither true nor false` }
}

function parseInteger(entry: ConfigEntry<ConfigValue>, source: string): ParsedValue {
  const value = Number(source)
  if (!/^-?\d+$/.test(source) || !Number.isSafeInteger(value)) return { problem: `'${source}' is not a whole number` }
  const { min = 0, max = Number.MAX_SAFE_INTEGER } = entry
  if (value < min || value > max) return { problem: `${source} is outside ${min} to ${max}` }
  return { value }
}
