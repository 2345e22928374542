import { readFileSync } from 'node:fs'
import { brokerErrors } from '@mq/broker'
import { clientErrors } from '@mq/client'
import { namesrvErrors } from '@mq/namesrv'
import { type ErrorEntry, remotingErrors } from '@mq/remoting'
import { storeErrors } from '@mq/store'
import { testBrokerErrors } from '@mq/test-broker'
import { expect, test } from 'vitest'

const document = readFileSync(new URL('../../docs/errors.md', import.meta.url), 'utf8')

const tables: Readonly<Record<string, readonly ErrorEntry[]>> = {
  '@mq/remoting': remotingErrors,
  '@mq/store': storeErrors,
  '@mq/namesrv': namesrvErrors,
  '@mq/broker': brokerErrors,
  '@mq/client': clientErrors,
  '@mq/test-broker': testBrokerErrors,
}

/** The rows of a package's section, as they stand. */
function documented(name: string): string[] {
  const section = document.split(/^## /m).find((part) => part.startsWith(`${name}\n`)) ?? ''
  return section.split('\n').filter((line) => /^\| [A-Z]/.test(line))
}

function row({ code, retryable, meaning, remedy }: ErrorEntry): string {
  return `| ${code} | ${retryable ? 'yes' : 'no'} | ${meaning} | ${remedy} |`
}

test.each(Object.entries(tables))('docs/errors.md and the error table of %s say the same', (name, entries) => {
  expect(documented(name)).toEqual(entries.map(row).sort())
})

test('docs/errors.md has no section for a package that does not exist', () => {
  const sections = [...document.matchAll(/^## (.*)$/gm)].map(([, name]) => name)
  expect(sections).toEqual(Object.keys(tables))
})

test('no code stands in two tables', () => {
  const codes = Object.values(tables).flatMap((entries) => entries.map((entry) => entry.code))
  expect(codes).toEqual([...new Set(codes)])
})
