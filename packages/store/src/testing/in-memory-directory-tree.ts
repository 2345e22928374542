import type { InMemoryFile } from './in-memory-file.js'
import { type UnsyncedFate } from './in-memory-file.js'

/** A name stands for a directory or a file. */
export type Node = 'directory' | InMemoryFile

interface NameChange {
  /** Paths and what they stand for from now on; `undefined` removes the name. A rename changes two names at once. */
  readonly names: ReadonlyMap<string, Node | undefined>
  /** Directories whose sync makes the change durable. */
  readonly directories: ReadonlySet<string>
}

/** The names of a file system: as a program sees them now, as they are on the disk, and the changes between the two. */
export class InMemoryDirectoryTree {
  readonly #live: Map<string, Node>
  readonly #durable: Map<string, Node>
  #unsynced: NameChange[] = []

  constructor(nodes: Iterable<readonly [string, Node]> = []) {
    this.#live = new Map(nodes)
    this.#durable = new Map(this.#live)
  }

  get(path: string): Node | undefined {
    return path === '' || path === '/' ? 'directory' : this.#live.get(path)
  }

  /** Paths of everything, live. */
  paths(): readonly string[] {
    return [...this.#live.keys()].sort()
  }

  /** Gives names a new meaning, all at once. */
  change(names: ReadonlyMap<string, Node | undefined>): void {
    const change = { names, directories: new Set([...names.keys()].map(parentOf)) }
    apply(this.#live, change)
    this.#unsynced.push(change)
  }

  /** Makes the changes in a directory durable, and those before them, as a journal does. */
  sync(directory: string): void {
    const last = this.#unsynced.findLastIndex((change) => change.directories.has(directory))
    for (const change of this.#unsynced.splice(0, last + 1)) apply(this.#durable, change)
  }

  /** The tree after a power loss: a prefix of the unsynced changes survives. */
  afterPowerLoss(fate: UnsyncedFate): InMemoryDirectoryTree {
    const names = new Map(this.#durable)
    const kept = fate === 'lost' ? 0 : fate === 'kept' ? this.#unsynced.length : fate.int(this.#unsynced.length + 1)
    for (const change of this.#unsynced.slice(0, kept)) apply(names, change)
    const reachable = [...names].filter(([path]) => isReachable(names, path))
    return new InMemoryDirectoryTree(
      reachable.map(([path, node]) => [path, node === 'directory' ? node : node.afterPowerLoss(fate)] as const),
    )
  }

  /** The tree after the death of the process. */
  afterProcessDeath(): InMemoryDirectoryTree {
    return new InMemoryDirectoryTree(
      [...this.#live].map(([path, node]) => [path, node === 'directory' ? node : node.afterProcessDeath()] as const),
    )
  }
}

/** The directory that a path lies in; `''` at the top. */
export function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')))
}

function apply(names: Map<string, Node>, change: NameChange): void {
  for (const [path, node] of change.names) {
    if (node === undefined) names.delete(path)
    else names.set(path, node)
  }
}

function isReachable(names: ReadonlyMap<string, Node>, path: string): boolean {
  for (let parent = parentOf(path); parent !== ''; parent = parentOf(parent)) {
    if (names.get(parent) !== 'directory') return false
  }
  return true
}
