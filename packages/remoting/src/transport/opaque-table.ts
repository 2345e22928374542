const FIRST_BUCKETS = 64

/** Something found by its opaque; it is in at most one table, which links it to the next of its bucket. */
export interface OpaqueEntry<Entry> {
  readonly opaque: number
  /** The table's alone. */
  nextInBucket: Entry | undefined
}

/**
 * Entries by opaque, for calls that come and go all the time: adding and removing allocate nothing. Not a Map, for the reason that
 * SlotList gives.
 */
export class OpaqueTable<Entry extends OpaqueEntry<Entry>> {
  /** A power of two of them: opaques follow each other, so their low bits spread them evenly. */
  #buckets: (Entry | undefined)[] = new Array<Entry | undefined>(FIRST_BUCKETS).fill(undefined)
  #size = 0

  /** Entries in the table. */
  get size(): number {
    return this.#size
  }

  /** The entry with this opaque. */
  get(opaque: number): Entry | undefined {
    let entry = this.#buckets[opaque & (this.#buckets.length - 1)]
    while (entry !== undefined && entry.opaque !== opaque) entry = entry.nextInBucket
    return entry
  }

  /** Adds an entry, whose opaque no other one in the table has. */
  add(entry: Entry): void {
    if (this.#size >= this.#buckets.length) this.#grow()
    this.#link(entry)
    this.#size += 1
  }

  /** Removes an entry; false if it is not in the table. */
  remove(entry: Entry): boolean {
    const bucket = entry.opaque & (this.#buckets.length - 1)
    let previous: Entry | undefined
    let current = this.#buckets[bucket]
    while (current !== undefined && current !== entry) {
      previous = current
      current = current.nextInBucket
    }
    if (current === undefined) return false
    if (previous === undefined) this.#buckets[bucket] = entry.nextInBucket
    else previous.nextInBucket = entry.nextInBucket
    entry.nextInBucket = undefined
    this.#size -= 1
    return true
  }

  /** A copy of all entries, in no particular order. */
  entries(): Entry[] {
    const all: Entry[] = []
    for (const first of this.#buckets) {
      for (let entry = first; entry !== undefined; entry = entry.nextInBucket) all.push(entry)
    }
    return all
  }

  #link(entry: Entry): void {
    const bucket = entry.opaque & (this.#buckets.length - 1)
    entry.nextInBucket = this.#buckets[bucket]
    this.#buckets[bucket] = entry
  }

  #grow(): void {
    const all = this.entries()
    this.#buckets = new Array<Entry | undefined>(this.#buckets.length * 2).fill(undefined)
    for (const entry of all) this.#link(entry)
  }
}
