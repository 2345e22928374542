import { expect, test } from 'vitest'
import { buildSubscriptionData } from './subscription-data.js'

test('tags are split, trimmed and hashed as Java does', () => {
  expect(buildSubscriptionData('T', 'TagA || TagB||  ||TagA', 7)).toEqual({
    topic: 'T',
    subString: 'TagA || TagB||  ||TagA',
    expressionType: 'TAG',
    tagsSet: ['TagA', 'TagB'],
    codeSet: [2598919, 2598920],
    subVersion: 7,
    classFilterMode: false,
  })
})

test.each(['*', ' * ', '', ' || '])('the expression "%s" subscribes to every message', (expression) => {
  expect(buildSubscriptionData('T', expression)).toMatchObject({ subString: '*', tagsSet: [], codeSet: [] })
})
