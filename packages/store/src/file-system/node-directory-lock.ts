import * as fs from 'node:fs'
import { StoreLockedError } from '../errors.js'
import type { DirectoryLock } from './file-system.js'

/** Directories that stores of this process hold, by real path: from outside a process cannot tell its own stores apart. */
const heldDirectories = new Set<string>()

/**
 * Claims a store directory for this process.
 *
 * Java takes a POSIX record lock on byte 0 of `lock`, which Node cannot take. Here the claim is the file `lock.pid`, made exclusively, and
 * holders are looked for in three places: that file; `abort`, which holds the process id of a Java broker too; and, on Linux, the
 * record locks of /proc/locks on the inode of `lock`. Not detected: a holder on another host or in another process-id namespace, a
 * Java broker that is still starting where there is no /proc, and, by Java brokers, us.
 * @throws StoreLockedError if a living holder is found.
 */
export async function lockNodeDirectory(directory: string): Promise<DirectoryLock> {
  await fs.promises.mkdir(directory, { recursive: true })
  const realPath = await fs.promises.realpath(directory)
  if (heldDirectories.has(realPath)) throw lockedBy(process.pid, directory, 'this process has it open already')
  heldDirectories.add(realPath)
  let lockFile: fs.promises.FileHandle | undefined
  try {
    lockFile = await fs.promises.open(`${realPath}/lock`, fs.constants.O_RDWR | fs.constants.O_CREAT)
    await refuseLivingHolder(realPath, lockFile)
    await lockFile.write('lock', 0)
    await lockFile.datasync()
    await claim(realPath)
  } catch (error) {
    heldDirectories.delete(realPath)
    await lockFile?.close()
    throw error
  }
  return { release: () => release(realPath, lockFile) }
}

async function release(directory: string, lockFile: fs.promises.FileHandle): Promise<void> {
  if (!heldDirectories.delete(directory)) return
  await fs.promises.rm(`${directory}/lock.pid`, { force: true })
  await lockFile.close()
}

async function refuseLivingHolder(directory: string, lockFile: fs.promises.FileHandle): Promise<void> {
  const locker = await recordLockHolder(await lockFile.stat({ bigint: true }))
  if (locker !== undefined) throw lockedBy(locker, directory, 'it has locked the file lock')
  for (const name of ['abort', 'lock.pid']) {
    const holder = await readProcessId(`${directory}/${name}`)
    if (holder !== undefined && (await mayHold(holder, `${directory}/lock`))) {
      throw lockedBy(
        holder,
        directory,
        `its process id is in the file ${name}; if it is another program, delete that file`,
      )
    }
  }
}

/** Replaces what a dead process left; of several processes that start at once the exclusive creation lets one through. */
async function claim(directory: string): Promise<void> {
  const path = `${directory}/lock.pid`
  await fs.promises.rm(path, { force: true })
  try {
    await fs.promises.writeFile(path, String(process.pid), { flag: 'wx' })
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw cause
    throw lockedBy((await readProcessId(path)) ?? 0, directory, 'it claimed the directory at the same moment')
  }
}

async function readProcessId(path: string): Promise<number | undefined> {
  const text = await fs.promises.readFile(path, 'latin1').catch(missing)
  return text !== undefined && /^\d{1,10}$/.test(text.trim()) ? Number(text) : undefined
}

/** Whether a process lives and, where the system tells, has the lock file open; process ids are reused after a crash. */
async function mayHold(processId: number, lockPath: string): Promise<boolean> {
  if (processId === process.pid || !isAlive(processId)) return false
  const descriptors = `/proc/${processId}/fd`
  const names = await fs.promises.readdir(descriptors).catch(missing)
  if (names === undefined) return true
  for (const name of names) {
    const target = await fs.promises.readlink(`${descriptors}/${name}`).catch(missing)
    if (target === lockPath) return true
  }
  return false
}

function isAlive(processId: number): boolean {
  try {
    process.kill(processId, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** The process that holds a record lock on a file, from lines such as `1: POSIX  ADVISORY  WRITE 4711 fe:00:131 0 0`. */
async function recordLockHolder({ dev, ino }: fs.BigIntStats): Promise<number | undefined> {
  const table = await fs.promises.readFile('/proc/locks', 'latin1').catch(missing)
  const major = (dev >> 8n) & 0xfffn
  const minor = (dev & 0xffn) | ((dev >> 12n) & 0xfff00n)
  const file = `${major.toString(16).padStart(2, '0')}:${minor.toString(16).padStart(2, '0')}:${ino}`
  for (const line of table?.split('\n') ?? []) {
    const [, kind, , , processId, target] = line.trim().split(/\s+/)
    if (kind === 'POSIX' && target === file && Number(processId) !== process.pid) return Number(processId)
  }
  return undefined
}

/** Where the system has no such file, or does not show it to this user, there is nothing to know. */
function missing(): undefined {
  return undefined
}

function lockedBy(processId: number, directory: string, how: string): StoreLockedError {
  return new StoreLockedError(
    `The store directory ${directory} is in use by process ${processId} (${how}); stop it or set another storePathRootDir`,
    { fields: { directory, processId } },
  )
}
