import { tmpdir } from 'node:os'
import type { Random } from '@mq/remoting'
import { type FileSystem, nodeFileSystem } from '@mq/store'
import { InMemoryFileSystem } from '@mq/store/testing'

/** Where the files of a test broker are. */
export interface Storage {
  readonly fileSystem: FileSystem
  readonly directory: string
  /** Leaves nothing behind. */
  remove(): Promise<void>
}

/** Files in memory; what does not fit into `maxBytes` is refused as on a full disk. */
export function memoryStorage(maxBytes: number): Storage {
  const fileSystem = new InMemoryFileSystem({ capacityBytes: maxBytes, isSyncedAtOnce: true })
  return { fileSystem, directory: '/store', remove: () => Promise.resolve() }
}

/** A fresh directory among the machine's temporary files. */
export function temporaryStorage(random: Random): Storage {
  const directory = `${tmpdir()}/mq-test-broker-${random.bytes(8).toString('hex')}`
  return { fileSystem: nodeFileSystem, directory, remove: () => removeTree(nodeFileSystem, directory) }
}

async function removeTree(fileSystem: FileSystem, directory: string): Promise<void> {
  if ((await fileSystem.stat(directory)) === undefined) return
  for (const { name, isDirectory } of await fileSystem.list(directory)) {
    const path = `${directory}/${name}`
    await (isDirectory ? removeTree(fileSystem, path) : fileSystem.unlink(path))
  }
  await fileSystem.removeDirectory(directory)
}
