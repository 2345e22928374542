// The oldest Node we support runs everything in the lockfile: fails on an entry whose `engines` leave it out.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import semver from 'semver'
import { root } from './workspace.mjs'

const oldestNode = '20.20.2'
/** Entries known to run in spite of what they declare: name@version → why. */
const allowed = {}

const entries = readFileSync(join(root, 'pnpm-lock.yaml'), 'utf8').matchAll(
  /^ {2}'?([^\s'][^']*?@[^':]+)'?:\n(?: {4}.*\n)*? {4}engines: \{.*?node: '?([^',}]+)'?/gm,
)
let checked = 0
let failures = 0
for (const [, name, range] of entries) {
  checked++
  if (semver.satisfies(oldestNode, range) || name in allowed) continue
  failures++
  process.stderr.write(`${name} wants Node ${range}: pin a version that runs on ${oldestNode}\n`)
}
process.stdout.write(`${checked} lockfile entries with engines, ${failures} exclude Node ${oldestNode}\n`)
process.exit(failures === 0 && checked > 0 ? 0 : 1)
