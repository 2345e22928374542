import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { brokerServerTable, defaultSettings } from './server-keys.js'

const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8')

/** The cells of the table rows that begin with a key. */
const rows = [...readme.matchAll(/^\| `(\w+)` *\|(.*)\|$/gm)].map(([, key, rest]) => {
  const cells = rest!.split('|').map((cell) => cell.trim().replaceAll('`', ''))
  return { key: key!, cells }
})

function defaultOf(key: string): string {
  const table: Readonly<Record<string, { defaultValue: unknown }>> = brokerServerTable
  return String(table[key]?.defaultValue)
}

describe('README.md', () => {
  it('tells the default of every key it lists', () => {
    const listed = rows.filter(({ cells }) => cells.length === 3 && cells[0] !== 'see below')
    expect(listed.length).toBeGreaterThan(8)
    expect(listed.map(({ key, cells }) => [key, cells[0]])).toEqual(listed.map(({ key }) => [key, defaultOf(key)]))
  })

  it('tells both defaults of every key that namesrvAddr decides over', () => {
    const listed = new Map(rows.filter(({ cells }) => cells.length === 2).map(({ key, cells }) => [key, cells]))
    const sizes = defaultSettings(false).filter(({ key }) => key !== 'storePathRootDir')
    expect([...listed.keys()].sort()).toEqual(['storePathRootDir', ...sizes.map(({ key }) => key)].sort())
    for (const { key, text } of sizes) expect(listed.get(key)).toEqual([text, defaultOf(key)])
  })
})
