import { expect, it } from 'vitest'
import { parseHostAddress } from './host-address.js'
import { createOffsetMessageId, decodeOffsetMessageId } from './message-id.js'

it.each(['10.0.0.2:10911', '[2001:db8::2]:10911'])('an id of %s reads back', (address) => {
  const host = parseHostAddress(address)
  expect(decodeOffsetMessageId(createOffsetMessageId(host, 2 ** 45 + 7))).toEqual({ host, physicalOffset: 2 ** 45 + 7 })
})

it('lower-case ids are accepted', () => {
  expect(decodeOffsetMessageId('0a00000200002a9f0000000000001234').physicalOffset).toBe(0x1234)
})

it.each(['', '0A00000200002A9F000000000000123', '0A00000200002A9F000000000000123G', 'x'.repeat(56)])(
  '"%s" is refused',
  (text) => {
    expect(() => decodeOffsetMessageId(text)).toThrow(expect.objectContaining({ code: 'MESSAGE_FORMAT' }))
  },
)
