/** What has been opened, each with the way to close it: closed in reverse order, however far opening got. */
export class ClosingStack {
  readonly #steps: (() => Promise<void> | void)[] = []
  #closing: Promise<void> | undefined

  /** Adds a step that runs before all that were added earlier. */
  add(step: () => Promise<void> | void): void {
    this.#steps.push(step)
  }

  /** Runs every step once, whatever becomes of the others; a second call waits for the first. Rejects with the first failure. */
  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    const failures: unknown[] = []
    for (let step = this.#steps.pop(); step !== undefined; step = this.#steps.pop()) {
      try {
        await step()
      } catch (cause) {
        failures.push(cause)
      }
    }
    if (failures.length > 0) throw failures[0]
  }
}
