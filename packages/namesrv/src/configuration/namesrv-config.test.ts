import { expect, it } from 'vitest'
import { createNamesrvConfig, findNamesrvConfigKey, parseNamesrvConfigValue } from './namesrv-config.js'
import { formatProperties, parseProperties } from './properties-text.js'

it('what is left out has the default of Java, but for the loopback address', () => {
  expect(createNamesrvConfig({ orderMessageEnable: true })).toMatchObject({
    bindAddress: '127.0.0.1',
    listenPort: 9876,
    orderMessageEnable: true,
    returnOrderTopicConfigToBroker: true,
    scanNotActiveBrokerInterval: 5_000,
    waitSecondsForService: 45,
  })
})

it.each([
  ['listenPort', 65_536],
  ['listenPort', -1],
  ['listenPort', 1.5],
  ['listenPort', '9876'],
  ['needWaitForService', 'true'],
  ['scanNotActiveBrokerInterval', 0],
])('%s of %j is refused with the key named', (key, value) => {
  const options = { [key]: value }
  expect(() => createNamesrvConfig(options)).toThrow(
    expect.objectContaining({ code: 'NAMESRV_CONFIG_INVALID', fields: { key } }) as Error,
  )
})

it.each([
  ['waitSecondsForService', '10', 10],
  ['needWaitForService', 'true', true],
  ['needWaitForService', 'false', false],
])('%s=%s is read', (name, text, value) => {
  expect(parseNamesrvConfigValue(findNamesrvConfigKey(name) ?? expect.unreachable(), text)).toBe(value)
})

it.each([
  ['waitSecondsForService', 'ten'],
  ['waitSecondsForService', ''],
  ['waitSecondsForService', '99999'],
  ['needWaitForService', 'yes'],
])('%s=%s is refused', (name, text) => {
  expect(() => parseNamesrvConfigValue(findNamesrvConfigKey(name) ?? expect.unreachable(), text)).toThrow(name)
})

it('properties are read with comments, blanks, and either separator', () => {
  const text = '# a comment\r\n! another\n\n a = 1 \nb:2\nc\nd=x=y\na=3'
  expect([...parseProperties(text)]).toEqual([
    ['a', '3'],
    ['b', '2'],
    ['c', ''],
    ['d', 'x=y'],
  ])
})

it('properties are written in the order of their names', () => {
  expect(formatProperties(new Map(Object.entries({ b: '2', a: '1' })))).toBe('a=1\nb=2\n')
})
