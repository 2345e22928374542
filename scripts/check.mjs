// `pnpm check`: every gate, one after the other; `--after-tests` leaves out the tests, for a caller that ran them.
// Each gate ends in one line; the output of those that fail is shown. `--json FILE` writes the gates' names as
// { passed, failed }.
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { spawnSync } from 'node:child_process'
import { parseArgs } from 'node:util'
import { ensureInstalled, root, tool } from './workspace.mjs'

const gates = [
  ['format', 'format:check'],
  ['names and text', 'text:check'],
  ['engines', 'engines:check'],
  ['types', 'typecheck'],
  ['lint', 'lint'],
  ['dependency rules', 'deps:check'],
  ['dead code', 'deadcode'],
  ['tests', 'test'],
  ['build', 'build'],
  ['packages', 'packages:check'],
  ['API reports', 'api:check'],
  ['README snippets', 'snippets:check'],
]

const { values } = parseArgs({ options: { 'after-tests': { type: 'boolean' }, json: { type: 'string' } } })

function passes([name, script]) {
  const startedAt = performance.now()
  const { status, stdout } = spawnSync('sh', ['-c', `"${tool('pnpm')}" run --silent ${script} 2>&1`], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  })
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1)
  if (status !== 0) process.stdout.write(`\n${stdout}\n`)
  process.stdout.write(`${status === 0 ? 'pass' : 'FAIL'}  ${name} (pnpm ${script}, ${seconds} s)\n`)
  return status === 0
}

ensureInstalled()
const due = gates.filter(([name]) => name !== 'tests' || !values['after-tests'])
const passed = []
const failed = []
for (const gate of due) (passes(gate) ? passed : failed).push(gate[0])
if (values.json !== undefined) {
  mkdirSync(dirname(resolve(values.json)), { recursive: true })
  writeFileSync(values.json, JSON.stringify({ passed, failed }))
}
process.stdout.write(failed.length === 0 ? 'All gates passed\n' : `${failed.length} of ${due.length} gates failed\n`)
process.exit(failed.length === 0 ? 0 : 1)
