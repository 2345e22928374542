import { expect, it } from 'vitest'
import { parseIp } from './host-address.js'
import { UniqueIdGenerator } from './unique-id-generator.js'

const monthStart = new Date(2026, 4, 1).getTime()

it('an id is address, pid, random bytes, milliseconds of the month and a counter', () => {
  const { generator } = generatorAt(monthStart + 0x0102, '192.0.0.2', 0x15149)
  expect(generator.next()).toBe('C00000025149AABBCCDD000001020000')
  expect(generator.next()).toBe('C00000025149AABBCCDD000001020001')
})

it('an IPv6 address makes ids of 56 characters', () => {
  const { generator } = generatorAt(monthStart, '2001:db8::2', 1)
  expect(generator.next()).toHaveLength(56)
})

it('a new month counts from its own start', () => {
  const { generator, clock } = generatorAt(monthStart + 5, '10.0.0.1', 1)
  generator.next()
  clock.time = new Date(2026, 5, 1).getTime() + 9
  expect(generator.next().slice(20)).toBe('000000090001')
})

it('a clock set back a little before the month counts as its start', () => {
  const { generator, clock } = generatorAt(monthStart + 5, '10.0.0.1', 1)
  generator.next()
  clock.time = monthStart - 500
  expect(generator.next().slice(20)).toBe('000000000001')
})

it('65,536 ids of one millisecond differ and the counter wraps', () => {
  const { generator } = generatorAt(monthStart, '10.0.0.1', 1)
  const ids = Array.from({ length: 65_536 }, () => generator.next())
  expect(new Set(ids).size).toBe(65_536)
  expect(generator.next()).toBe(ids[0])
})

function generatorAt(time: number, address: string, pid: number) {
  const clock = { time, now: () => clock.time }
  const random = { bytes: () => Buffer.from('aabbccdd', 'hex') }
  const generator = new UniqueIdGenerator({ runtime: { clock, random }, ip: parseIp(address) as Buffer, pid })
  return { generator, clock }
}
