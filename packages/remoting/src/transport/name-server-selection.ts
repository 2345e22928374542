import type { Random } from '../runtime/runtime.js'

/** Java starts its rotation at a random place below this. */
const FIRST_INDEX_BOUND = 999

/**
 * Which name server is asked: one of the shuffled list, and the same one for as long as its connection lives.
 * Java: NettyRemotingClient#updateNameServerAddressList, #getAndCreateNameserverChannel.
 */
export class NameServerSelection {
  readonly #random: Random
  #addresses: readonly string[] = []
  #chosen: string | undefined
  #index: number

  constructor(random: Random) {
    this.#random = random
    this.#index = random.int(FIRST_INDEX_BOUND)
  }

  /** In the order in which they are tried. */
  get addresses(): readonly string[] {
    return this.#addresses
  }

  /** The address chosen last. */
  get chosen(): string | undefined {
    return this.#chosen
  }

  /** Replaces the list unless it is empty or names the same addresses. Returns the chosen address if the new list drops it. */
  update(addresses: readonly string[]): string | undefined {
    const wanted = new Set(addresses)
    if (wanted.size === 0) return undefined
    if (wanted.size === this.#addresses.length && this.#addresses.every((address) => wanted.has(address)))
      return undefined
    this.#addresses = shuffled([...wanted], this.#random)
    const dropped = this.#chosen !== undefined && !wanted.has(this.#chosen) ? this.#chosen : undefined
    if (dropped !== undefined) this.#chosen = undefined
    return dropped
  }

  /** Chooses the next address of the list; undefined when the list is empty. */
  next(): string | undefined {
    if (this.#addresses.length === 0) return undefined
    this.#index = (this.#index + 1) % this.#addresses.length
    this.#chosen = this.#addresses[this.#index]
    return this.#chosen
  }
}

function shuffled(items: string[], random: Random): string[] {
  for (let index = items.length - 1; index > 0; index--) {
    const other = random.int(index + 1)
    const item = items[index]!
    items[index] = items[other]!
    items[other] = item
  }
  return items
}
