/**
 * Members that come and go with every message, each in a slot that is used again. Adding and removing allocate nothing once the list
 * has been as long before.
 *
 * A Set would do, but for the garbage collector: a table that a Set has replaced points to the next one, and once an old one has been
 * promoted, whatever passed through those after it outlives every minor collection (docs/decisions/0014-no-maps-for-what-is-in-flight.md).
 */
export class SlotList<Member extends object> {
  readonly #members: (Member | undefined)[] = []
  readonly #free: number[] = []

  /** Members in the list. */
  get size(): number {
    return this.#members.length - this.#free.length
  }

  /** Adds a member, and returns its slot: {@link remove} takes it. */
  add(member: Member): number {
    const slot = this.#free.pop() ?? this.#members.length
    this.#members[slot] = member
    return slot
  }

  /** Removes the member in a slot; called once for each time one was added. */
  remove(slot: number): void {
    this.#members[slot] = undefined
    this.#free.push(slot)
  }

  /** The members in no particular order. They may be removed meanwhile: one that is, is not told of any more. */
  *[Symbol.iterator](): IterableIterator<Member> {
    for (let slot = 0; slot < this.#members.length; slot++) {
      const member = this.#members[slot]
      if (member !== undefined) yield member
    }
  }
}
