import { expect, it } from 'vitest'
import { isForbiddenTopic, isSystemTopic, retryGroup, retryTopic, validateGroup, validateTopic } from './topic-name.js'

it.each(['T', 'Orders-1_a|b', '%RETRY%group', 't'.repeat(127), `%RETRY%${'g'.repeat(248)}`, `%DLQ%${'g'.repeat(250)}`])(
  'topic %s is legal',
  (topic) => {
    expect(validateTopic(topic)).toBeUndefined()
  },
)

it.each([
  '',
  '   ',
  '../../x',
  'a.b',
  'a/b',
  'a\\b',
  'a b',
  'ü',
  'a\0',
  'a\n',
  't'.repeat(128),
  `%RETRY%${'g'.repeat(249)}`,
])('topic %j is refused', (topic) => {
  expect(validateTopic(topic)).toEqual(expect.any(String))
})

it('an illegal name is refused in the words of a Java broker', () => {
  expect(validateTopic('bad topic!')).toBe(
    'The specified topic: bad topic!, contains illegal characters, allowing only ^[%|a-zA-Z0-9_-]+$',
  )
})

it('groups may be as long as retry topics', () => {
  expect(validateGroup('g'.repeat(255))).toBeUndefined()
  expect(validateGroup('g'.repeat(256))).toEqual(expect.any(String))
  expect(validateGroup('../g')).toEqual(expect.any(String))
  expect(validateGroup(' ')).toEqual(expect.any(String))
})

it('system topics are known by name and by prefix', () => {
  expect(['TBW102', 'SCHEDULE_TOPIC_XXXX', 'rmq_sys_wheel_timer'].every(isSystemTopic)).toBe(true)
  expect(isSystemTopic('Orders')).toBe(false)
})

it('the template topic may be sent to, the schedule topic may not', () => {
  expect(isForbiddenTopic('TBW102')).toBe(false)
  expect(isForbiddenTopic('SCHEDULE_TOPIC_XXXX')).toBe(true)
})

it('a retry topic names its group', () => {
  expect(retryGroup(retryTopic('billing'))).toBe('billing')
  expect(retryGroup('%RETRY%billing+Orders')).toBe('billing')
})
