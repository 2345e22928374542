/** How a field travels as text: `T.toString()` of Java's String, int, long, boolean, double, or an enum's constant name. */
export type FieldKind = 'string' | 'int32' | 'int64' | 'boolean' | 'float64' | 'enumeration'

/** Mandatory fields must be present; optional ones may be absent; defaulted ones are always sent and read as their default when absent. */
export type Presence = 'mandatory' | 'optional' | 'defaulted'

/** One field of a command's header: an entry of extFields. */
export interface Field<T = unknown, P extends Presence = Presence> {
  readonly kind: FieldKind
  readonly presence: P
  /** What the field holds, in a few words. */
  readonly doc: string
  /** Key in extFields, when it is not the field's own name. */
  readonly wireName?: string
  readonly defaultValue?: T
  /** The names an enumeration admits. */
  readonly values?: readonly string[]
}

/** Any table of fields. */
export type Fields = Readonly<Record<string, Field>>

/** Text, as it is. */
export function string(doc: string): Field<string, 'mandatory'> {
  return { kind: 'string', presence: 'mandatory', doc }
}

/** Integer in -2^31 … 2^31-1. */
export function int32(doc: string): Field<number, 'mandatory'> {
  return { kind: 'int32', presence: 'mandatory', doc }
}

/** Java long; beyond ±(2^53-1) it is read as the nearest safe integer. */
export function int64(doc: string): Field<number, 'mandatory'> {
  return { kind: 'int64', presence: 'mandatory', doc }
}

/** `true` in any case is true, every other text false. */
export function boolean(doc: string): Field<boolean, 'mandatory'> {
  return { kind: 'boolean', presence: 'mandatory', doc }
}

/** Java double. */
export function float64(doc: string): Field<number, 'mandatory'> {
  return { kind: 'float64', presence: 'mandatory', doc }
}

/** One of some constant names. */
export function enumeration<const V extends string>(values: readonly V[], doc: string): Field<V, 'mandatory'> {
  return { kind: 'enumeration', presence: 'mandatory', doc, values }
}

/** The same field, which may be absent. */
export function optional<T>(field: Field<T, 'mandatory'>): Field<T, 'optional'> {
  return { ...field, presence: 'optional' }
}

/** The same field, with the value it has when it is absent. */
export function withDefault<T>(field: Field<T, 'mandatory'>, value: T): Field<T, 'defaulted'> {
  return { ...field, presence: 'defaulted', defaultValue: value }
}

/** The same field under another key in extFields. */
export function wireName<T, P extends Presence>(field: Field<T, P>, name: string): Field<T, P> {
  return { ...field, wireName: name }
}

/** The same fields, those named in `names` under other keys in extFields. */
export function renamed<F extends Fields>(fields: F, names: Readonly<Partial<Record<keyof F & string, string>>>): F {
  const entries = Object.entries(fields).map(([key, field]) => {
    const name = names[key]
    return [key, name === undefined ? field : wireName(field, name)] as const
  })
  return Object.fromEntries(entries) as F
}
