import { DLQ_TOPIC_PREFIX, isSystemGroup, isSystemTopic, RETRY_TOPIC_PREFIX } from './topic-name.js'

const SEPARATOR = '%'

/** Puts a topic or group into a namespace: `ns%name`, `%RETRY%ns%name`. Idempotent. Java: NamespaceUtil#wrapNamespace. */
export function withNamespace(namespace: string, resource: string): string {
  if (namespace === '' || resource === '' || isOutside(resource)) return resource
  const { prefix, name } = splitPrefix(resource)
  return name.startsWith(namespace + SEPARATOR) ? resource : prefix + namespace + SEPARATOR + name
}

/**
 * Takes a topic or group out of its namespace; of `namespace` only, if one is given, of any otherwise.
 * Java: NamespaceUtil#withoutNamespace.
 */
export function withoutNamespace(resource: string, namespace?: string): string {
  if (resource === '' || isOutside(resource)) return resource
  const { prefix, name } = splitPrefix(resource)
  if (namespace !== undefined) {
    return namespace !== '' && name.startsWith(namespace + SEPARATOR)
      ? prefix + name.slice(namespace.length + SEPARATOR.length)
      : resource
  }
  const end = name.indexOf(SEPARATOR)
  return end > 0 ? prefix + name.slice(end + SEPARATOR.length) : resource
}

function isOutside(resource: string): boolean {
  return isSystemTopic(resource) || isSystemGroup(resource)
}

function splitPrefix(resource: string): { prefix: string; name: string } {
  const prefix = [RETRY_TOPIC_PREFIX, DLQ_TOPIC_PREFIX].find((candidate) => resource.startsWith(candidate)) ?? ''
  return { prefix, name: resource.slice(prefix.length) }
}
