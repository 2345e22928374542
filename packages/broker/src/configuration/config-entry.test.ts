import { describe, expect, test } from 'vitest'
import { brokerConfigTable, defaultBrokerConfig } from './broker-config.js'
import { choice, flag, integer, parseConfigValue, text } from './config-entry.js'
import { keysWithoutEffect } from './keys-without-effect.js'

describe('a configuration key', () => {
  test('takes a whole number within its bounds and names the bounds otherwise', () => {
    const entry = integer(1, 'a number', { min: 1, max: 10 })
    expect(parseConfigValue(entry, ' 10 ')).toEqual({ value: 10 })
    expect(parseConfigValue(entry, '11')).toEqual({ problem: '11 is outside 1 to 10' })
    expect(parseConfigValue(entry, '1.5')).toEqual({ problem: "'1.5' is not a whole number" })
    expect(parseConfigValue(entry, '1e1')).toEqual({ problem: "'1e1' is not a whole number" })
    expect(parseConfigValue(entry, '')).toEqual({ problem: "'' is not a whole number" })
  })

  test('takes true and false in any case and nothing else', () => {
    expect(parseConfigValue(flag(false, 'a switch'), 'TRUE')).toEqual({ value: true })
    expect(parseConfigValue(flag(true, 'a switch'), 'no')).toEqual({ problem: "'no' is neither true nor false" })
  })

  test('takes one of its words as they are spelled', () => {
    const entry = choice(['ASYNC_FLUSH', 'SYNC_FLUSH'], 'ASYNC_FLUSH', 'when to wait')
    expect(parseConfigValue(entry, 'SYNC_FLUSH')).toEqual({ value: 'SYNC_FLUSH' })
    expect(parseConfigValue(entry, 'sync')).toEqual({ problem: "'sync' is not one of ASYNC_FLUSH, SYNC_FLUSH" })
  })

  test('takes text as it is, without the blanks around it', () => {
    expect(parseConfigValue(text('', 'a name'), ' broker-a ')).toEqual({ value: 'broker-a' })
  })
})

test('every default is a value its own key accepts', () => {
  const config = defaultBrokerConfig()
  for (const [key, entry] of Object.entries(brokerConfigTable)) {
    const value = config[key as keyof typeof config]
    expect(parseConfigValue(entry, String(value)), key).toEqual({ value })
  }
})

test('no key is both acted on and listed as without effect', () => {
  expect(Object.keys(brokerConfigTable).filter((key) => keysWithoutEffect.has(key))).toEqual([])
})
