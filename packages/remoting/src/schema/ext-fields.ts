/** The text map of a header. Made by {@link createExtFields} or the codec, it inherits nothing: `constructor` and `__proto__` are keys like any other. */
export type ExtFields = Record<string, string>

// A constructor's instances keep V8's fast property layout, which Object.create(null) gives up.
const Bare = function Bare() {} as unknown as new () => ExtFields
Bare.prototype = Object.create(null) as ExtFields

/** An empty map, optionally filled with the entries of a plain object. */
export function createExtFields(entries?: Readonly<Record<string, string>>): ExtFields {
  const extFields = new Bare()
  if (entries !== undefined) for (const key of Object.keys(entries)) extFields[key] = entries[key] as string
  return extFields
}
