// What the demo's consumer has received, compared with what was sent.
import { Buffer } from 'node:buffer'
import { createHash } from 'node:crypto'

/** One digest over bodies, whatever the order they were received in. */
function digestOf(bodies) {
  return createHash('sha256')
    .update([...bodies].sort().join('\n'))
    .digest('hex')
}

/** What cli-producer promises that its load consists of: the alphabet over and over behind the number of the message. */
function expectedBodies({ count, size }) {
  return Array.from({ length: count }, (_, index) => {
    const body = Buffer.alloc(size, 'abcdefghijklmnopqrstuvwxyz')
    body.write(`${index + 1} `)
    return body.toString('latin1')
  })
}

function percentile(sorted, percent) {
  return sorted[Math.max(0, Math.ceil((sorted.length * percent) / 100) - 1)]
}

/** Collects the messages of one run; `load` is its `count` and `size`. */
export class Receipts {
  /** By message id. */
  #bodies = new Map()
  #repeated = new Set()
  #latencies = []
  #load
  #run
  #resolve
  /** Resolves when every message of the run was received. */
  complete = new Promise((resolve) => (this.#resolve = resolve))

  constructor(run, load) {
    this.#run = run
    this.#load = load
  }

  /** Takes a document of cli-consumer; messages of other runs are left out. */
  add({ body, msgId, properties, bornTimestamp, receivedTimestamp }) {
    if (properties.run !== this.#run) return
    if (this.#bodies.has(msgId)) this.#repeated.add(msgId)
    this.#bodies.set(msgId, body)
    this.#latencies.push(Math.max(0, receivedTimestamp - bornTimestamp))
    if (this.#bodies.size === this.#load.count) this.#resolve()
  }

  /** Different messages received. */
  get received() {
    return this.#bodies.size
  }

  /** Messages received more than once. */
  get repeated() {
    return this.#repeated.size
  }

  get digest() {
    return digestOf(this.#bodies.values())
  }

  /** Whether every message came as it was sent. */
  get isAsSent() {
    return this.digest === digestOf(expectedBodies(this.#load))
  }

  /** Milliseconds from sent to received; undefined when nothing was received. */
  get latencyMs() {
    if (this.#latencies.length === 0) return undefined
    const sorted = this.#latencies.toSorted((a, b) => a - b)
    return { p50: percentile(sorted, 50), p99: percentile(sorted, 99) }
  }
}
