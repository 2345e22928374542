import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

const root = new URL('../../', import.meta.url)
const read = (path: string): string => readFileSync(new URL(path, root), 'utf8')

/** The tests that docs/reliability.md names: a file in backticks, and behind it the beginnings of names in quotes. */
const cited = [...read('docs/reliability.md').matchAll(/`([\w./-]+\.test\.ts)` ((?:“[^”]+”(?:, )?)+)/g)].flatMap(
  ([, path = '', names = '']) => [...names.matchAll(/“([^”]+)”/g)].map(([, name = '']) => [path, name] as const),
)

test('docs/reliability.md names tests for its promises', () => {
  expect(cited.length).toBeGreaterThan(60)
})

test.each(cited)('docs/reliability.md cites %s rightly: “%s” begins the name of a test there', (path, name) => {
  const text = read(path).replaceAll('\\', '')
  expect([`'${name}`, `"${name}`, `\`${name}`].some((quoted) => text.includes(quoted))).toBe(true)
})
