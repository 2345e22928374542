import { describe, expect, it } from 'vitest'
import { editDistance, nearestKey } from './nearest-key.js'

describe('editDistance', () => {
  it.each([
    ['', '', 0],
    ['', 'abc', 3],
    ['abc', 'abc', 0],
    ['abc', 'abd', 1],
    ['abc', 'ab', 1],
    ['abc', 'xabc', 1],
    ['abc', 'acb', 1],
    ['brokerNmae', 'brokerName', 1],
    ['kitten', 'sitting', 3],
    ['ca', 'abc', 3],
  ])('%j and %j are %i edits apart, in both directions', (from, to, distance) => {
    expect(editDistance(from, to)).toBe(distance)
    expect(editDistance(to, from)).toBe(distance)
  })
})

describe('nearestKey', () => {
  const keys = ['brokerName', 'brokerClusterName', 'listenPort', 'haListenPort', 'brokerIP1', 'brokerIP2']

  it.each([
    ['brokerNmae', 'brokerName'],
    ['BROKERNAME', 'brokerName'],
    ['listenport', 'listenPort'],
    ['haListnPort', 'haListenPort'],
    ['clusterName', 'brokerClusterName'],
    ['port', 'listenPort'],
    ['brokerIp2', 'brokerIP2'],
  ])('%s is nearest to %s', (misspelt, expected) => {
    expect(nearestKey(misspelt, keys)).toBe(expected)
  })

  it('names no key when none is close', () => {
    expect(nearestKey('storePathRootDir', keys)).toBeUndefined()
    expect(nearestKey('x', keys)).toBeUndefined()
  })
})
