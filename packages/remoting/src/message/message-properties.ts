import { MessageFormatError } from '../errors.js'

/** Properties of a message, in the order they were put or read. */
export type MessageProperties = Map<string, string>

/** Separates a name from its value. */
export const NAME_VALUE_SEPARATOR = '\u0001'
/** Ends a pair. */
export const PROPERTY_SEPARATOR = '\u0002'
/** Largest encoded size in bytes: the length field of a record is a signed short. */
export const MAX_PROPERTIES_BYTES = 32_767

/** The shortest pair that counts: one character, the separator, one character. */
const SHORTEST_PAIR = 3

/**
 * `name 0x01 value 0x02` for every property in order. Java: MessageDecoder#messageProperties2String.
 * @throws MessageFormatError for a name or value that would read back as other properties.
 */
export function encodeProperties(properties: ReadonlyMap<string, string>): string {
  let text = ''
  for (const [name, value] of properties) {
    if (
      name.includes(NAME_VALUE_SEPARATOR) ||
      name.includes(PROPERTY_SEPARATOR) ||
      value.includes(PROPERTY_SEPARATOR)
    ) {
      throw new MessageFormatError(
        `property ${JSON.stringify(name)} holds 0x01 or 0x02, which separate properties: take them out of name and value`,
      )
    }
    text += name + NAME_VALUE_SEPARATOR + value + PROPERTY_SEPARATOR
  }
  return text
}

/** Whether encoding properties that were read from a text makes the same text: nothing in it was dropped or said twice. */
export function isEncodingOf(text: string, properties: ReadonlyMap<string, string>): boolean {
  let length = 0
  for (const [name, value] of properties) length += name.length + value.length + 2
  return length === text.length && (length === 0 || text.endsWith(PROPERTY_SEPARATOR))
}

/** The names of the properties read last, by their place: messages that follow each other mostly have the same. */
const lastNames: string[] = []
/** Places whose names are kept. */
const keptNames = 16

/**
 * Reads a properties string; pairs with an empty name or value are dropped, the last of equal names wins, the final
 * separator may be missing. Never fails. Java: MessageDecoder#string2messageProperties.
 */
export function decodeProperties(encoded: string | Buffer): MessageProperties {
  const text = typeof encoded === 'string' ? encoded : encoded.toString('utf8')
  const properties: MessageProperties = new Map()
  for (let start = 0, place = 0; start < text.length; place++) {
    const next = text.indexOf(PROPERTY_SEPARATOR, start)
    const end = next < 0 ? text.length : next
    const name = nameAt(text, start, place)
    const separator = start + name.length
    if (end - start >= SHORTEST_PAIR && separator > start && separator < end - 1) {
      properties.set(name, text.slice(separator + 1, end))
    }
    start = end + 1
  }
  return properties
}

/** The name that begins at `start`: what stands before the next separator, empty if there is none. */
function nameAt(text: string, start: number, place: number): string {
  const last = lastNames[place]
  // A string used again has its hash already, which a Map would have to make of a new one.
  if (last !== undefined && text.startsWith(last, start) && text[start + last.length] === NAME_VALUE_SEPARATOR) {
    return last
  }
  const separator = text.indexOf(NAME_VALUE_SEPARATOR, start)
  const name = separator < 0 ? '' : text.slice(start, separator)
  if (place < keptNames) lastNames[place] = name
  return name
}
