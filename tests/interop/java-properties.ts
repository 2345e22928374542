import { writeFileSync } from 'node:fs'

/** Values as Java's property files hold them. */
export type JavaProperties = Readonly<Record<string, string | number | boolean>>

/** Writes a Java property file and returns its path. */
export function writeProperties(path: string, properties: JavaProperties): string {
  const lines = Object.entries(properties).map(([key, value]) => `${key}=${value}\n`)
  writeFileSync(path, lines.join(''))
  return path
}
