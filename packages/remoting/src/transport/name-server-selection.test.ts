import { expect, test } from 'vitest'
import { SeededRandom } from '../testing/seeded-random.js'
import { NameServerSelection } from './name-server-selection.js'

const addresses = Array.from({ length: 10 }, (_, index) => `10.0.0.${index}:9876`)

test('the list is shuffled, each address once, and chosen from in its order', () => {
  const selection = new NameServerSelection(new SeededRandom(1))
  selection.update([...addresses, ...addresses])
  expect(selection.addresses.toSorted()).toEqual(addresses)
  expect(selection.addresses).not.toEqual(addresses)
  const chosen = addresses.map(() => selection.next())
  expect(chosen.toSorted()).toEqual(addresses)
  expect(selection.next()).toBe(chosen[0])
  expect(selection.chosen).toBe(chosen[0])
})

test('clients of different seeds begin at different name servers', () => {
  const first = (seed: number): string | undefined => {
    const selection = new NameServerSelection(new SeededRandom(seed))
    selection.update(addresses)
    return selection.next()
  }
  expect(new Set(Array.from({ length: 50 }, (_, seed) => first(seed))).size).toBeGreaterThan(5)
})

test('the same addresses in another order, or none, change nothing', () => {
  const selection = new NameServerSelection(new SeededRandom(1))
  selection.update(addresses)
  const before = selection.addresses
  const chosen = selection.next()
  expect(selection.update(addresses.toReversed())).toBeUndefined()
  expect(selection.update([])).toBeUndefined()
  expect(selection.addresses).toBe(before)
  expect(selection.chosen).toBe(chosen)
})

test('a list that drops the chosen address says so and unchooses it', () => {
  const selection = new NameServerSelection(new SeededRandom(1))
  selection.update(addresses)
  const chosen = selection.next()
  expect(selection.update(addresses.filter((address) => address !== chosen))).toBe(chosen)
  expect(selection.chosen).toBeUndefined()
})
