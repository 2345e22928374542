import { describe, expect, it } from 'vitest'
import { received } from '../../test/messages.js'
import { messageLine } from './message-line.js'

const line = (fields: Parameters<typeof received>[0]): string => messageLine(received(fields), { isColored: false })
const place = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} {2}a queue 2 offset 17 {2}/

describe('messageLine', () => {
  it('begins with when the message was stored and where it lies', () => {
    const storeTimestamp = new Date(2026, 0, 31, 8, 0, 1, 5).getTime()
    expect(line({ storeTimestamp })).toBe('2026-01-31 08:00:01.005  a queue 2 offset 17  hello')
  })

  it('shows tag, keys and that it was delivered before', () => {
    const properties = new Map([
      ['TAGS', 'paid'],
      ['KEYS', 'k1 k2'],
    ])
    expect(line({ properties, reconsumeTimes: 1 }).replace(place, '')).toBe('[paid]  #k1  #k2  delivery 2  hello')
  })

  it('keeps a message on one line and its hands off the terminal', () => {
    const body = Buffer.from('a\nb\r\u001b[31m\u0007\u009bü')
    expect(line({ body }).replace(place, '')).toBe('a\\nb\\r\\u001b[31m\\u0007\\u009bü')
    expect(line({ properties: new Map([['TAGS', 'x\u001b']]) })).toContain('[x\\u001b]')
  })

  it('shows the first bytes of a body that is no text', () => {
    expect(line({ body: Buffer.from([0xff, 0x00, 0x10]) }).replace(place, '')).toBe('3 bytes: ff0010')
    expect(line({ body: Buffer.alloc(33, 0xff) }).replace(place, '')).toBe(`33 bytes: ${'ff'.repeat(32)}…`)
  })

  it('colours only where that was asked for', () => {
    const colored = messageLine(received({ properties: new Map([['TAGS', 'paid']]) }), { isColored: true })
    expect(colored).toContain('\u001b[36m[paid]\u001b[39m')
  })
})
