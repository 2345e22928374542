import { expect, test } from 'vitest'
import { brokerVIPChannel } from './vip-channel.js'

test.each([
  ['10.0.0.1:10911', '10.0.0.1:10909'],
  ['[::1]:10911', '[::1]:10909'],
])('the VIP channel of %s is %s', (address, vip) => {
  expect(brokerVIPChannel(address)).toBe(vip)
})
