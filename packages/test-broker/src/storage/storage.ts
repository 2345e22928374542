import { tmpdir } from 'node:os'
import { type FileSystem, nodeFileSystem } from '@mq/store'
import { InMemoryFileSystem } from '@mq/store/testing'
import type { TestWorld } from '../time/test-world.js'
import { observedFileSystem } from './observed-file-system.js'

/** Where the files of a test broker are. */
export interface Storage {
  readonly fileSystem: FileSystem
  readonly directory: string
  /** Leaves nothing behind. */
  remove(): Promise<void>
}

/** What a storage is chosen by. */
export interface StorageOptions {
  readonly store: 'memory' | 'temporary'
  /** Bytes of files in memory; what does not fit is refused as on a full disk. */
  readonly maxStoreBytes: number
}

/** Room for files, in memory or in a fresh directory among the machine's temporary files. */
export function openStorage({ store, maxStoreBytes }: StorageOptions, { activity, real }: TestWorld): Storage {
  const inMemory = store === 'memory'
  const disk = inMemory
    ? new InMemoryFileSystem({ capacityBytes: maxStoreBytes, isSyncedAtOnce: true })
    : nodeFileSystem
  const directory = inMemory ? '/store' : `${tmpdir()}/mq-test-broker-${real.random.bytes(8).toString('hex')}`
  const remove = async (): Promise<void> => {
    if (!inMemory) await removeTree(disk, directory)
  }
  return { fileSystem: observedFileSystem(disk, (work) => activity.during(work)), directory, remove }
}

async function removeTree(fileSystem: FileSystem, directory: string): Promise<void> {
  if ((await fileSystem.stat(directory)) === undefined) return
  for (const { name, isDirectory } of await fileSystem.list(directory)) {
    const path = `${directory}/${name}`
    await (isDirectory ? removeTree(fileSystem, path) : fileSystem.unlink(path))
  }
  await fileSystem.removeDirectory(directory)
}
