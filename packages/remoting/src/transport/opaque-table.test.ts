import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type OpaqueEntry, OpaqueTable } from './opaque-table.js'

class Entry implements OpaqueEntry<Entry> {
  readonly opaque: number
  nextInBucket: Entry | undefined

  constructor(opaque: number) {
    this.opaque = opaque
  }
}

const entry = (opaque: number): Entry => new Entry(opaque)

describe('a table of opaques', () => {
  test('does what a map does, whatever is added and removed', () => {
    const opaques = fc.oneof(fc.integer({ min: -200, max: 200 }), fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }))
    fc.assert(
      fc.property(fc.array(fc.tuple(opaques, fc.boolean()), { maxLength: 600 }), (steps) => {
        const table = new OpaqueTable<Entry>()
        const model = new Map<number, Entry>()
        for (const [opaque, isAdded] of steps) {
          const known = model.get(opaque)
          expect(table.get(opaque)).toBe(known)
          if (isAdded && known === undefined) {
            const added = entry(opaque)
            model.set(opaque, added)
            table.add(added)
          } else if (!isAdded) {
            expect(table.remove(known ?? entry(opaque))).toBe(model.delete(opaque))
          }
          expect(table.size).toBe(model.size)
        }
        expect(new Set(table.entries())).toEqual(new Set(model.values()))
      }),
    )
  })

  test('keeps what it has when it grows', () => {
    const table = new OpaqueTable<Entry>()
    const all = Array.from({ length: 1000 }, (_, index) => entry(index * 64))
    for (const each of all) table.add(each)
    for (const each of all) expect(table.get(each.opaque)).toBe(each)
    expect(table.size).toBe(1000)
  })
})
