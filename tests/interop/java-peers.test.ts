import { expect, test } from 'vitest'
import { missingJava } from './java-presence.js'

test.skipIf(process.env['CI'] !== 'true')(
  'Java and Maven are there, without which nothing here would be tested',
  () => {
    expect(missingJava).toBe('')
  },
)
