import { MappedFile, type MappedFileOptions } from './mapped-file.js'

interface Pending {
  readonly name: string
  done: Promise<void>
  /** The write that needed the segment did not wait and made it itself. */
  isOvertaken: boolean
}

/** Segments that a volume must have room for. The last of its room is for messages. */
const roomySegments = 2

/**
 * Makes the segment behind the one in use before a write needs it; at most one is kept ahead.
 *
 * Java: AllocateMappedFileService. A failure to make the file ahead is not an error yet: the write that needs it makes it and then reports.
 */
export class AllocateMappedFileService {
  #pending: Pending | undefined
  #ready: MappedFile | undefined
  #isRoomy = false
  #closed = false

  /** Starts to make a segment unless one is being made or ready; settles when none is being made. Never rejects. */
  prepare(options: MappedFileOptions): Promise<void> {
    if (this.#pending !== undefined) return this.#pending.done
    if (this.#closed || this.#ready !== undefined) return Promise.resolve()
    const pending: Pending = { name: options.name, done: Promise.resolve(), isOvertaken: false }
    this.#pending = pending
    pending.done = this.#make(options, pending)
    return pending.done
  }

  /** The segment made ahead, if it is ready and the volume has room enough to fill it before it is used. */
  get ready(): MappedFile | undefined {
    return this.#isRoomy ? this.#ready : undefined
  }

  /** Hands over the segment if it is ready; `undefined` if the caller has to make it now. */
  take(name: string): MappedFile | undefined {
    if (this.#pending?.name === name) this.#pending.isOvertaken = true
    const ready = this.#ready
    if (ready?.name !== name) return undefined
    this.#ready = undefined
    return ready
  }

  /** Waits for a file in the making and deletes the one that nobody took. Java: AllocateMappedFileService#shutdown. */
  async close(): Promise<void> {
    this.#closed = true
    await this.#pending?.done
    const spare = this.#ready
    this.#ready = undefined
    await spare?.destroy()
  }

  async #make(options: MappedFileOptions, pending: Pending): Promise<void> {
    try {
      const file = await MappedFile.create(options)
      this.#isRoomy = await isRoomy(options)
      if (pending.isOvertaken) await file.close()
      else this.#ready = file
    } catch {
      // The put that needs this segment creates it itself and reports the cause to its caller.
    } finally {
      this.#pending = undefined
    }
  }
}

/** Whether a segment that wants zeros may have them before it is used. */
async function isRoomy({ fileSystem, directory, fileSize, zeroAhead }: MappedFileOptions): Promise<boolean> {
  if (zeroAhead === undefined) return false
  try {
    return (await fileSystem.volumeSpace(directory)).availableBytes >= roomySegments * fileSize
  } catch {
    // Zeros only save time; the segment itself is there.
    return false
  }
}
