import { execFile, execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const run = promisify(execFile)
const javaFolder = fileURLToPath(new URL('./java/', import.meta.url))
const cacheFolder = fileURLToPath(new URL('../../node_modules/.cache/mq-interop/', import.meta.url))

/** What this machine lacks to run Java peers, as a sentence; undefined if it has everything. */
export function missingTools(): string | undefined {
  const missing = [
    ['java', '-version'],
    ['javac', '-version'],
    ['mvn', '-v'],
  ].filter(([command, flag]) => !answers(command!, flag!))
  return missing.length === 0 ? undefined : `${missing.map(([command]) => command).join(', ')} not found`
}

function answers(command: string, flag: string): boolean {
  try {
    execFileSync(command, [flag], { stdio: 'ignore' })
    return true
  } catch {
    // Not installed, or broken: either way there is no peer to run.
    return false
  }
}

/** The class path of the peers: Apache RocketMQ as Maven resolves it, and the programs in java/src. Both are cached by their contents. */
export async function javaClassPath(): Promise<string> {
  const sources = readdirSync(join(javaFolder, 'src')).map((name) => join(javaFolder, 'src', name))
  const pom = join(javaFolder, 'pom.xml')
  const libraries = join(cacheFolder, `libraries-${digest([pom])}`, '*')
  await cached(join(libraries, '..'), (folder) => {
    process.stderr.write('mq: fetching Apache RocketMQ by Maven\n')
    return run('mvn', ['-q', '-B', '-f', pom, 'dependency:copy-dependencies', `-DoutputDirectory=${folder}`])
  })
  const classes = join(cacheFolder, `classes-${digest([pom, ...sources])}`)
  await cached(classes, (folder) => run('javac', ['-cp', libraries, '-d', folder, ...sources]))
  return [classes, libraries].join(delimiter)
}

/** Lets `fill` make a folder, which appears under its name only once it is complete. */
async function cached(folder: string, fill: (folder: string) => Promise<unknown>): Promise<void> {
  if (existsSync(folder)) return
  const unfinished = `${folder}.${process.pid}`
  mkdirSync(unfinished, { recursive: true })
  try {
    await fill(unfinished)
    renameSync(unfinished, folder)
  } finally {
    rmSync(unfinished, { recursive: true, force: true })
  }
}

function digest(files: readonly string[]): string {
  const hash = createHash('sha256')
  for (const file of files) hash.update(readFileSync(file))
  return hash.digest('hex').slice(0, 16)
}
