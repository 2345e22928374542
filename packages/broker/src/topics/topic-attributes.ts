/** What an attribute of a topic may hold. */
interface AttributeRule {
  /** The accepted words. */
  readonly choices: readonly string[]
  /** Whether the attribute of an existing topic may change. */
  readonly changeable: boolean
}

const rules: ReadonlyMap<string, AttributeRule> = new Map([
  ['queue.type', { choices: ['SimpleCQ'], changeable: false }],
  ['cleanup.policy', { choices: ['DELETE'], changeable: false }],
  ['message.type', { choices: ['UNSPECIFIED', 'NORMAL', 'FIFO', 'DELAY', 'TRANSACTION', 'MIXED'], changeable: true }],
])

/** Attributes by name. */
export type TopicAttributes = ReadonlyMap<string, string>

/** The new attributes of a topic, or what is wrong with the request. */
export type AttributeChange = { readonly attributes: TopicAttributes } | { readonly problem: string }

/** The entries of `+name=value,-name`. Java: AttributeParser#parseToMap. */
export function attributeEntries(source: string): string[] {
  return source
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
}

/**
 * Applies entries, each `+name=value` or `-name`, to the attributes of a topic; `existing` is undefined for a topic that is
 * being created. Java: AttributeUtil#alterCurrentAttributes.
 */
export function changeAttributes(existing: TopicAttributes | undefined, entries: readonly string[]): AttributeChange {
  const attributes = new Map(existing)
  for (const entry of entries) {
    const problem = changeOne(attributes, existing, entry)
    if (problem !== undefined) return { problem }
  }
  return { attributes }
}

function changeOne(
  attributes: Map<string, string>,
  existing: TopicAttributes | undefined,
  entry: string,
): string | undefined {
  const [name = '', value] = entry.slice(1).split('=', 2)
  const adds = entry.startsWith('+') && value !== undefined
  const removes = entry.startsWith('-') && value === undefined
  if (!adds && !removes) return `attribute '${entry}' is written +name=value, or -name to remove it`
  const rule = rules.get(name)
  if (rule === undefined) return `attribute ${name} is not supported: use ${[...rules.keys()].join(', ')}`
  if (existing !== undefined && !rule.changeable)
    return `attribute ${name} cannot be changed after the topic was created`
  if (removes) {
    if (existing === undefined) return `attribute ${name} cannot be removed from a topic that does not exist`
    attributes.delete(name)
    return undefined
  }
  if (value === undefined || !rule.choices.includes(value)) {
    return `attribute ${name} is one of ${rule.choices.join(', ')}, not ${value ?? ''}`
  }
  attributes.set(name, value)
  return undefined
}
