// Makes a fresh clone ready with nothing but Node and npm: installs, builds, and says on stderr what it does.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = dirname(dirname(fileURLToPath(import.meta.url)))

const { packageManager } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
const installStamp = join(root, 'node_modules', '.mq', 'installed')
const buildStamp = join(root, 'node_modules', '.mq', 'built')

/** Runs a program in the workspace root; returns its exit code (1 if a signal ended it). */
export function run(command, args, options = {}) {
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: 'inherit', ...options })
  if (error !== undefined) throw error
  return status ?? 1
}

/** Runs what prepares the workspace; ends this process with its exit code if it fails. */
function prepare(command, args) {
  const env = { ...process.env, TURBO_TELEMETRY_DISABLED: '1', DO_NOT_TRACK: '1' }
  // stdout belongs to the program that was asked for: what prepares it talks on stderr.
  const status = run(command, args, { env, stdio: ['ignore', 2, 2] })
  if (status !== 0) process.exit(status)
}

/** A program that an installed package brought, without npm between. */
export function tool(name) {
  return join(root, 'node_modules', '.bin', name)
}

/** The packages and apps, as folders from the root: `packages/remoting`, … */
export function members(folders = ['packages', 'apps']) {
  const candidates = folders.flatMap((folder) => readdirSync(join(root, folder)).map((name) => join(folder, name)))
  return candidates.filter((folder) => existsSync(join(root, folder, 'package.json')))
}

function writeStamp(path, text) {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
}

/** Installs the locked dependencies unless this very lockfile is installed already. */
export function ensureInstalled() {
  const lockfile = createHash('sha256')
    .update(readFileSync(join(root, 'pnpm-lock.yaml')))
    .digest('hex')
  if (existsSync(installStamp) && readFileSync(installStamp, 'utf8') === lockfile) return
  process.stderr.write('mq: installing dependencies\n')
  prepare('npx', ['--yes', packageManager, 'install', '--frozen-lockfile'])
  writeStamp(installStamp, lockfile)
}

function newestChangeMs(path) {
  const stat = statSync(path)
  if (!stat.isDirectory()) return stat.mtimeMs
  return Math.max(stat.mtimeMs, ...readdirSync(path).map((name) => newestChangeMs(join(path, name))))
}

function isBuilt() {
  if (!existsSync(buildStamp)) return false
  if (!members().every((member) => existsSync(join(root, member, 'dist')))) return false
  const ofMember = (member) => ['src', 'package.json', 'tsup.config.ts'].map((input) => join(member, input))
  const inputs = ['tsconfig.base.json', 'tsup.library.ts', 'pnpm-lock.yaml', ...members().flatMap(ofMember)]
  const builtAtMs = statSync(buildStamp).mtimeMs
  return inputs.every((input) => newestChangeMs(join(root, input)) <= builtAtMs)
}

/** Builds every package and app unless nothing changed since the last build. */
export function ensureBuilt() {
  if (isBuilt()) return
  process.stderr.write('mq: building\n')
  const startedAt = new Date()
  prepare(tool('pnpm'), ['run', 'build', '--output-logs=errors-only'])
  writeStamp(buildStamp, '')
  // A file saved while the build ran is newer than the stamp.
  utimesSync(buildStamp, startedAt, startedAt)
}

/** Everything `npm start` and its like need before they run. */
export function ensureReady() {
  ensureInstalled()
  ensureBuilt()
}
