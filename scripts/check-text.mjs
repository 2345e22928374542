// What every tracked file must not say, and what no file may be called.
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { root } from './workspace.mjs'

const forbiddenNames = new Set([
  'utils',
  'util',
  'common',
  'helpers',
  'helper',
  'misc',
  'shared',
  'base',
  'types',
  'manager',
  'impl',
])
// Put together here, so that this file passes its own check.
const machinePaths = ['work', 'root', 'home'].map((folder) => new RegExp(`(^|[\\s"'\`(=:])/${folder}/`))
const registries = [
  'registry.npmjs',
  'registry.yarnpkg',
  'npm.pkg.github',
  'repo1.maven',
  'repo.maven.apache',
  'unpkg',
].map((host) => new RegExp(`${host.replaceAll('.', '\\.')}\\.(org|com)`))

const findings = []
const files = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
  cwd: root,
  encoding: 'utf8',
})
for (const file of new Set(files.split('\0').filter(Boolean))) {
  for (const part of file.split('/')) {
    const stem = basename(part).replace(/\..*$/, '')
    if (forbiddenNames.has(stem)) findings.push(`${file}: "${stem}" names no thing; call it after the noun it holds`)
  }
  if (/^(packages|apps)\/[^/]+\/(src|test)\/.*\.ts$/.test(file) && !/^[a-z0-9./-]+$/.test(file))
    findings.push(`${file}: names are kebab-case`)
  for (const [index, line] of readText(file).split('\n').entries()) {
    const found = [...machinePaths, ...registries].find((pattern) => pattern.test(line))
    if (found !== undefined) findings.push(`${file}:${index + 1}: ${line.trim().slice(0, 100)}`)
  }
}

/** The file as text; nothing if it is binary or was deleted. */
function readText(file) {
  try {
    const bytes = readFileSync(join(root, file))
    return bytes.includes(0) ? '' : bytes.toString('utf8')
  } catch (error) {
    if (error.code === 'ENOENT' || error.code === 'EISDIR') return ''
    throw error
  }
}

for (const finding of findings) process.stderr.write(`${finding}\n`)
process.stdout.write(`${findings.length} findings in names and text\n`)
process.exit(findings.length === 0 ? 0 : 1)
