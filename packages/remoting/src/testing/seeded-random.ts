import type { Random } from '../runtime/runtime.js'

/** A random generator (sfc32) that gives the same numbers for the same seed. */
export class SeededRandom implements Random {
  #a = 0x9e3779b9
  #b = 0x243f6a88
  #c: number
  #counter = 1

  constructor(seed: number) {
    this.#c = seed | 0
    this.#a ^= Math.trunc(seed / 2 ** 32)
    for (let round = 0; round < 12; round++) this.#next()
  }

  next(): number {
    return this.#next() / 2 ** 32
  }

  int(boundExclusive: number): number {
    return Math.floor(this.next() * boundExclusive)
  }

  bytes(size: number): Buffer {
    const bytes = Buffer.alloc(size)
    for (let index = 0; index < size; index++) bytes[index] = this.#next() & 0xff
    return bytes
  }

  #next(): number {
    const sum = (this.#a + this.#b + this.#counter) | 0
    this.#counter = (this.#counter + 1) | 0
    this.#a = this.#b ^ (this.#b >>> 9)
    this.#b = (this.#c + (this.#c << 3)) | 0
    this.#c = ((this.#c << 21) | (this.#c >>> 11)) + sum
    return sum >>> 0
  }
}
