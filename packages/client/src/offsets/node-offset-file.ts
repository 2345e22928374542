import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import type { OffsetFile } from './offset-file.js'

/** Whose offsets a file holds. */
export interface OffsetFileOwner {
  readonly clientId: string
  /** With its namespace. */
  readonly consumerGroup: string
  /** Default `.rocketmq_offsets` in the home directory. Java: rocketmq.client.localOffsetStoreDir. */
  readonly localOffsetStoreDir?: string | undefined
}

/** Where Java keeps the offsets of a broadcasting group. */
export function localOffsetPath({ clientId, consumerGroup, localOffsetStoreDir }: OffsetFileOwner): string {
  const directory = localOffsetStoreDir ?? join(homedir(), '.rocketmq_offsets')
  return join(directory, clientId, consumerGroup, 'offsets.json')
}

/** A file on disk, with `.bak` beside it; its directory is made at the first write. */
export class NodeOffsetFile implements OffsetFile {
  readonly path: string

  constructor(path: string) {
    this.path = path
  }

  read(): Promise<string | undefined> {
    return readIfPresent(this.path)
  }

  readBackup(): Promise<string | undefined> {
    return readIfPresent(`${this.path}.bak`)
  }

  write(text: string): Promise<void> {
    return replace(this.path, text)
  }

  writeBackup(text: string): Promise<void> {
    return replace(`${this.path}.bak`, text)
  }
}

async function readIfPresent(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

async function replace(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  const temporary = `${path}.tmp`
  await writeFile(temporary, text)
  await rename(temporary, path)
}
