import type { Random } from '@mq/remoting'

/** Bytes that a disk writes whole or not at all. */
const sectorSize = 512
const zeroSector = Buffer.alloc(sectorSize)

interface UnsyncedWrite {
  readonly kind: 'write'
  readonly position: number
  readonly bytes: Buffer
}

interface UnsyncedTruncate {
  readonly kind: 'truncate'
  readonly sizeBytes: number
}

type UnsyncedChange = UnsyncedWrite | UnsyncedTruncate

/** What a power loss does to changes that were not synced: lose all, keep all, or keep what the numbers decide, sector by sector. */
export type UnsyncedFate = 'lost' | 'kept' | Random

/** How an in-memory file begins. */
export interface InMemoryFileOptions {
  readonly modifiedAtMs?: number
  /** Whether every change is durable when it is made; nothing is kept twice then. Default false. */
  readonly isSyncedAtOnce?: boolean
}

/** One file's content: as a reader sees it now, as it is on the disk, and the changes between the two in their order. */
export class InMemoryFile {
  readonly #isSyncedAtOnce: boolean
  #live: Buffer
  #durable: Buffer
  #unsynced: UnsyncedChange[] = []
  modifiedAtMs: number

  constructor(
    content: Buffer = Buffer.alloc(0),
    { modifiedAtMs = 0, isSyncedAtOnce = false }: InMemoryFileOptions = {},
  ) {
    this.#isSyncedAtOnce = isSyncedAtOnce
    this.#live = Buffer.from(content)
    this.#durable = isSyncedAtOnce ? this.#live : Buffer.from(content)
    this.modifiedAtMs = modifiedAtMs
  }

  get sizeBytes(): number {
    return this.#live.length
  }

  /** Bytes of the sectors that are not all zeros. */
  get allocatedBytes(): number {
    let sectors = 0
    for (let at = 0; at < this.#live.length; at += sectorSize) {
      const sector = this.#live.subarray(at, at + sectorSize)
      if (!sector.equals(zeroSector.subarray(0, sector.length))) sectors++
    }
    return sectors * sectorSize
  }

  /** A copy of the content as a reader sees it. */
  get content(): Buffer {
    return Buffer.from(this.#live)
  }

  /** How many changes a sync would make durable now; the argument of `markSynced`. */
  get unsyncedChanges(): number {
    return this.#unsynced.length
  }

  read(target: Buffer, position: number): number {
    return this.#live.copy(target, 0, position, Math.min(this.#live.length, position + target.length))
  }

  write(bytes: Buffer, position: number): void {
    this.#change({ kind: 'write', position, bytes: this.#isSyncedAtOnce ? bytes : Buffer.from(bytes) })
  }

  truncate(sizeBytes: number): void {
    this.#change({ kind: 'truncate', sizeBytes })
  }

  /** Makes the oldest `count` changes durable. */
  markSynced(count: number): void {
    for (const change of this.#unsynced.splice(0, count)) this.#durable = apply(this.#durable, change)
  }

  /** A failed sync: the oldest `count` changes stay readable but no later sync makes them durable. */
  markUnsyncable(count: number): void {
    this.#unsynced.splice(0, count)
  }

  /** The file as it is found after a power loss. */
  afterPowerLoss(fate: UnsyncedFate): InMemoryFile {
    let content: Buffer = Buffer.from(this.#durable)
    for (const change of fate === 'lost' ? [] : this.#unsynced) {
      const parts = fate === 'kept' ? [change] : survivors(change, fate as Random)
      // Sizes are journaled in order: where one is lost, so is everything that came after it.
      if (parts.length === 0 && change.kind === 'truncate') break
      for (const part of parts) content = apply(content, part)
    }
    return this.#withContent(content)
  }

  /** The file as it is found after the death of the process: the kernel has every change. */
  afterProcessDeath(): InMemoryFile {
    return this.#withContent(this.#live)
  }

  #change(change: UnsyncedChange): void {
    this.#live = apply(this.#live, change)
    if (this.#isSyncedAtOnce) this.#durable = this.#live
    else this.#unsynced.push(change)
  }

  #withContent(content: Buffer): InMemoryFile {
    const { modifiedAtMs } = this
    return new InMemoryFile(content, { modifiedAtMs, isSyncedAtOnce: this.#isSyncedAtOnce })
  }
}

function survivors(change: UnsyncedChange, random: Random): UnsyncedChange[] {
  if (change.kind === 'truncate') return random.int(2) === 0 ? [change] : []
  const parts: UnsyncedChange[] = []
  const end = change.position + change.bytes.length
  for (let from = change.position; from < end; ) {
    const to = Math.min(end, from - (from % sectorSize) + sectorSize)
    const bytes = change.bytes.subarray(from - change.position, to - change.position)
    if (random.int(2) === 0) parts.push({ kind: 'write', position: from, bytes })
    from = to
  }
  return parts
}

function apply(content: Buffer, change: UnsyncedChange): Buffer {
  const sizeBytes = change.kind === 'truncate' ? change.sizeBytes : change.position + change.bytes.length
  const target = change.kind === 'truncate' || sizeBytes > content.length ? resized(content, sizeBytes) : content
  if (change.kind === 'write') change.bytes.copy(target, change.position)
  return target
}

function resized(content: Buffer, sizeBytes: number): Buffer {
  const target = Buffer.alloc(sizeBytes)
  content.copy(target, 0, 0, Math.min(content.length, sizeBytes))
  return target
}
