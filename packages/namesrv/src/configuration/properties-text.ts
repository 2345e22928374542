/** Reads lines of `key=value`; blank lines and those that begin with # or ! are left out, the last of equal keys wins. */
export function parseProperties(text: string): Map<string, string> {
  const properties = new Map<string, string>()
  for (const line of text.split(/\r\n|\r|\n/)) {
    const entry = line.trim()
    if (entry === '' || entry.startsWith('#') || entry.startsWith('!')) continue
    const separator = entry.search(/[=:]/)
    const key = separator < 0 ? entry : entry.slice(0, separator).trim()
    properties.set(key, separator < 0 ? '' : entry.slice(separator + 1).trim())
  }
  return properties
}

/** Writes `key=value` lines in the order of the keys, as Java answers them. */
export function formatProperties(properties: ReadonlyMap<string, string>): string {
  const keys = [...properties.keys()].sort()
  return keys.map((key) => `${key}=${properties.get(key) ?? ''}\n`).join('')
}
