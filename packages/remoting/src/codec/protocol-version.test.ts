import { expect, test } from 'vitest'
import { CURRENT_VERSION, protocolVersion, protocolVersionName } from './protocol-version.js'

// Ordinals of Java's MQVersion.Version.
test.each<[[number, number, number], number]>([
  [[4, 0, 0], 213],
  [[4, 9, 4], 401],
  [[4, 9, 8], 409],
  [[5, 0, 0], 413],
  [[5, 3, 3], 479],
  [[5, 4, 0], 493],
])('version %j has the ordinal %d and its name back', ([major, minor, patch], ordinal) => {
  expect(protocolVersion(major, minor, patch)).toBe(ordinal)
  expect(protocolVersionName(ordinal)).toBe(`V${major}_${minor}_${patch}`)
  expect(protocolVersionName(ordinal - 1)).toBe(`V${major}_${minor}_${patch}_SNAPSHOT`)
})

test('versions past the table clamp to its last entry, and those before 4.0.0 have one name', () => {
  expect(protocolVersion(9, 0, 0)).toBe(612)
  expect(protocolVersionName(612)).toBe('HIGHER_VERSION')
  expect(protocolVersionName(5000)).toBe('HIGHER_VERSION')
  expect(protocolVersionName(79)).toBe('V3')
})

test('we report 5.4.0', () => {
  expect(protocolVersionName(CURRENT_VERSION)).toBe('V5_4_0')
})
