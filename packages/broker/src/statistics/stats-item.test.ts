import { expect, test } from 'vitest'
import { StatsItem } from './stats-item.js'

const nothing = { sum: 0, tps: 0, avgpt: 0 }

test('the last minute is six intervals, and what came before is not in it', () => {
  const item = new StatsItem()
  expect(item.data.statsMinute).toEqual(nothing)
  for (let round = 1; round <= 10; round++) {
    item.add(round === 1 ? 1000 : 40)
    item.add(20)
    item.sample(round)
  }
  expect(item.data.statsMinute).toEqual({ sum: 360, tps: 6, avgpt: 30 })
  expect(item.perSecond).toBe(6)
})

test('the first interval counts from nothing', () => {
  const item = new StatsItem()
  item.add(50)
  item.sample(1)
  expect(item.data.statsMinute).toEqual({ sum: 50, tps: 5, avgpt: 50 })
})

test('a count that stands still comes to a rate of zero', () => {
  const item = new StatsItem()
  item.add(5)
  for (let round = 1; round <= 8; round++) item.sample(round)
  expect(item.data.statsMinute).toEqual(nothing)
})

test('the hour is sampled every ten minutes and the day every hour', () => {
  const item = new StatsItem()
  item.add(3600)
  for (let round = 1; round < 60; round++) item.sample(round)
  expect(item.data).toMatchObject({ statsHour: nothing, statsDay: nothing })
  item.sample(60)
  expect(item.data).toMatchObject({ statsHour: { sum: 3600, tps: 6 }, statsDay: nothing })
  for (let round = 61; round <= 360; round++) item.sample(round)
  expect(item.data).toMatchObject({ statsHour: { sum: 3600, tps: 1 }, statsDay: { sum: 3600, tps: 1 } })
  for (let round = 361; round <= 780; round++) item.sample(round)
  expect(item.data).toMatchObject({ statsHour: nothing, statsDay: { sum: 3600, tps: 0.5 } })
})
