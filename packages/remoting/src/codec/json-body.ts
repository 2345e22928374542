import { RemotingCommandError } from '../errors.js'
import { type JsonObject, parseJavaJson } from './java-json-parser.js'
import { stringifyJavaJson } from './java-json-writer.js'

/** A body of JSON text. */
export function encodeJsonBody(value: unknown): Buffer {
  return Buffer.from(stringifyJavaJson(value))
}

/** The object a body holds; `name` names it in the error. @throws RemotingCommandError when it holds none. */
export function decodeJsonBody(bytes: Buffer, name: string): JsonObject {
  let value: unknown
  try {
    value = parseJavaJson(bytes.toString('utf8'))
  } catch (cause) {
    throw new RemotingCommandError(`the body is no ${name}: it is not JSON`, { cause, fields: { body: name } })
  }
  if (!isJsonObject(value)) throw new RemotingCommandError(`the body is no ${name}: it is not a JSON object`)
  return value
}

/** True for a value that has members. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The value if it has members, otherwise an object without any. */
export function asJsonObject(value: unknown): JsonObject {
  return isJsonObject(value) ? value : (Object.create(null) as JsonObject)
}

/** A member as text; numbers and booleans are turned into it, anything else is undefined. */
export function textMember(object: JsonObject, key: string): string | undefined {
  return textOf(object[key])
}

/** A member as an integer; text that holds one is accepted, anything else is `absent`. */
export function integerMember(object: JsonObject, key: string, absent = 0): number {
  return integerOf(object[key]) ?? absent
}

/** A member as a number; text that holds one is accepted, anything else is `absent`. */
export function numberMember(object: JsonObject, key: string, absent = 0): number {
  const value = object[key]
  const number = typeof value === 'string' && value !== '' ? Number(value) : value
  return typeof number === 'number' && Number.isFinite(number) ? number : absent
}

/** A member as a boolean: the text "true" and numbers other than 0 are true; anything else is undefined. */
export function booleanMember(object: JsonObject, key: string): boolean | undefined {
  const value = object[key]
  if (typeof value === 'boolean') return value
  if (typeof value === 'string') return value.toLowerCase() === 'true'
  return typeof value === 'number' ? value !== 0 : undefined
}

/** A member that is an object; anything else is undefined. */
export function objectMember(object: JsonObject, key: string): JsonObject | undefined {
  const value = object[key]
  return isJsonObject(value) ? value : undefined
}

/** The items of a member that is an array, each decoded; those that decode to undefined are left out. */
export function listMember<T>(object: JsonObject, key: string, decodeItem: (item: unknown) => T | undefined): T[] {
  const value = object[key]
  if (!Array.isArray(value)) return []
  const items: T[] = []
  for (const item of value) {
    const decoded = decodeItem(item)
    if (decoded !== undefined) items.push(decoded)
  }
  return items
}

/** The members of a member that is an object, each value decoded; those that decode to undefined are left out. */
export function mapMember<T>(
  object: JsonObject,
  key: string,
  decodeValue: (value: unknown) => T | undefined,
): Map<string, T> {
  const map = new Map<string, T>()
  for (const [name, value] of Object.entries(objectMember(object, key) ?? {})) {
    const decoded = decodeValue(value)
    if (decoded !== undefined) map.set(name, decoded)
  }
  return map
}

/** Like {@link mapMember} with integers as keys; other keys are left out. */
export function integerMapMember<T>(
  object: JsonObject,
  key: string,
  decodeValue: (value: unknown) => T | undefined,
): Map<number, T> {
  const map = new Map<number, T>()
  for (const [name, value] of mapMember(object, key, decodeValue)) {
    const number = integerOf(name)
    if (number !== undefined) map.set(number, value)
  }
  return map
}

/** The one of some names that the value is; undefined when it is none. */
export function nameOf<const N extends string>(value: unknown, names: readonly N[]): N | undefined {
  return names.find((name) => name === value)
}

/** A map with its integer keys as text, as standard JSON has them. */
export function textKeyed<T>(map: ReadonlyMap<number, T>): Map<string, T> {
  return new Map([...map].map(([key, value]) => [String(key), value]))
}

/** A map with each value turned into its JSON object. */
export function mapRecord<K, V>(map: ReadonlyMap<K, V>, record: (value: V) => unknown): Map<K, unknown> {
  return new Map([...map].map(([key, value]) => [key, record(value)]))
}

/** Text, or a number or boolean as text. */
export function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined
}

/** A safe integer, or text that holds one. */
export function integerOf(value: unknown): number | undefined {
  const number = typeof value === 'string' && /^[+-]?\d+$/.test(value) ? Number(value) : value
  if (typeof number !== 'number' || !Number.isInteger(number)) return undefined
  return Math.max(Number.MIN_SAFE_INTEGER, Math.min(number, Number.MAX_SAFE_INTEGER))
}

/** Applies a decoder to values that are objects; others give undefined. */
export function whenObject<T>(decode: (object: JsonObject) => T): (value: unknown) => T | undefined {
  return (value) => (isJsonObject(value) ? decode(value) : undefined)
}
