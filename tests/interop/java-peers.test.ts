import { expect, test } from 'vitest'
import { missingJava } from './java-toolchain.js'

const isCi = process.env['CI'] === 'true'
if (missingJava !== undefined && !isCi) process.stderr.write(`interop tests are skipped: ${missingJava}\n`)

test.skipIf(!isCi)('Java and Maven are there, without which nothing here would be tested', () => {
  expect(missingJava).toBeUndefined()
})
