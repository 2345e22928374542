/** A read that took longer was not answered from memory. */
const slowReadMs = 4
/** How long nothing is read blocking after a slow read. */
const coldMs = 250

/**
 * Whether the kernel answers reads from memory, judged by how long the last blocking ones took. A read on libuv's pool costs ten times what
 * a blocking one costs that finds its bytes in memory; a blocking one that finds them on a slow disk stops the event loop. So reads
 * block while they are quick, and after one that was not, none does for a while: a cold disk stops the loop for one read in 250 ms.
 */
export class NodeReadGauge {
  #coldUntilMs = 0

  /** Reads blocking and returns what `read` returns; undefined, without reading, while blocking reads are known to be slow. */
  tryBlocking(read: () => number): number | undefined {
    const startedAtMs = performance.now()
    if (startedAtMs < this.#coldUntilMs) return undefined
    const size = read()
    const endedAtMs = performance.now()
    if (endedAtMs - startedAtMs > slowReadMs) this.#coldUntilMs = endedAtMs + coldMs
    return size
  }
}
