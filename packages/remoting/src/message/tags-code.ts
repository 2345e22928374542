/** Java's `String.hashCode`: signed 32 bits over UTF-16 code units. */
export function javaStringHash(text: string): number {
  return extendJavaStringHash(0, text)
}

/** The hash of a text that goes on with `text` behind what has this hash. */
export function extendJavaStringHash(hashBefore: number, text: string): number {
  let hash = hashBefore
  for (let at = 0; at < text.length; at++) hash = (Math.imul(hash, 31) + text.charCodeAt(at)) | 0
  return hash
}

/**
 * The code consume queues hold for a TAGS property: its hash, or 0 without tags. Java: MessageExtBrokerInner#tagsString2tagsCode.
 * Records of the schedule topic hold their delivery time there instead, which is the store's knowledge.
 */
export function tagsCodeOf(tags: string | undefined): number {
  return tags === undefined ? 0 : javaStringHash(tags)
}
