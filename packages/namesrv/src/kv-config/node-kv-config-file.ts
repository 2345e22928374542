import { mkdir, open, readFile, rename } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { KvConfigFile } from './kv-config-file.js'

/** The key-value configuration in a file of its own, such as Java's kvConfig.json. */
export class NodeKvConfigFile implements KvConfigFile {
  readonly path: string

  constructor(path: string) {
    this.path = path
  }

  async read(): Promise<string | undefined> {
    try {
      return await readFile(this.path, 'utf8')
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
      throw error
    }
  }

  async write(text: string): Promise<void> {
    const directory = dirname(this.path)
    await mkdir(directory, { recursive: true })
    const temporary = `${this.path}.tmp`
    await writeSynced(temporary, text)
    await rename(temporary, this.path)
    await syncDirectory(directory)
  }
}

async function writeSynced(path: string, text: string): Promise<void> {
  await using file = await open(path, 'w')
  await file.writeFile(text)
  await file.sync()
}

async function syncDirectory(path: string): Promise<void> {
  if (process.platform === 'win32') return // Directories cannot be opened there.
  await using directory = await open(path, 'r')
  await directory.sync()
}
