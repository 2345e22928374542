import { expect, it } from 'vitest'
import { addressesToNotify } from './min-broker-id-notice.js'

const brokerAddrs = new Map([
  [0, 'zero:1'],
  [1, 'one:1'],
  [2, 'two:1'],
])

it('when the lowest came, the others are told', () => {
  expect(addressesToNotify({ brokerName: 'a', brokerAddrs, haBrokerAddr: 'zero:2' })).toEqual(['one:1', 'two:1'])
})

it('when the lowest went, all that are left are told', () => {
  const left = { brokerName: 'a', brokerAddrs, offlineBrokerAddr: 'gone:1' }
  expect(addressesToNotify(left)).toEqual(['zero:1', 'one:1', 'two:1'])
})

it('a broker that is alone is told', () => {
  expect(addressesToNotify({ brokerName: 'a', brokerAddrs: new Map([[3, 'three:1']]) })).toEqual(['three:1'])
})
