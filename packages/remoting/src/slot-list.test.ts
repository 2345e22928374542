import { describe, expect, test } from 'vitest'
import { SlotList } from './slot-list.js'

describe('a slot list', () => {
  test('holds what was added until it is removed, and uses its slots again', () => {
    const list = new SlotList<{ name: string }>()
    const slots = ['a', 'b', 'c'].map((name) => list.add({ name }))
    expect(new Set(slots).size).toBe(3)
    list.remove(slots[1] as number)
    expect([...list].map(({ name }) => name)).toEqual(['a', 'c'])
    expect(list.size).toBe(2)
    expect(list.add({ name: 'd' })).toBe(slots[1])
    expect([...list].map(({ name }) => name).sort()).toEqual(['a', 'c', 'd'])
  })

  test('does not tell of members that were removed while it is walked through', () => {
    const list = new SlotList<{ slot: number }>()
    const members = [0, 1, 2].map(() => ({ slot: -1 }))
    for (const member of members) member.slot = list.add(member)
    const seen: unknown[] = []
    for (const member of list) {
      seen.push(member)
      if (member === members[0]) for (const { slot } of members) list.remove(slot)
    }
    expect(seen).toEqual([members[0]])
    expect(list.size).toBe(0)
  })
})
