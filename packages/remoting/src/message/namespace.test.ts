import { expect, it } from 'vitest'
import { withNamespace, withoutNamespace } from './namespace.js'

it.each([
  ['Orders', 'ns%Orders'],
  ['%RETRY%group', '%RETRY%ns%group'],
  ['%DLQ%group', '%DLQ%ns%group'],
])('%s in a namespace is %s, and comes out again', (resource, wrapped) => {
  expect(withNamespace('ns', resource)).toBe(wrapped)
  expect(withNamespace('ns', wrapped)).toBe(wrapped)
  expect(withoutNamespace(wrapped)).toBe(resource)
  expect(withoutNamespace(wrapped, 'ns')).toBe(resource)
  expect(withoutNamespace(wrapped, 'other')).toBe(wrapped)
})

it.each(['', 'TBW102', 'rmq_sys_x', 'CID_RMQ_SYS_TRANS'])('"%s" belongs to no namespace', (resource) => {
  expect(withNamespace('ns', resource)).toBe(resource)
  expect(withoutNamespace(resource)).toBe(resource)
})

it('without a namespace nothing is wrapped', () => {
  expect(withNamespace('', 'Orders')).toBe('Orders')
})
