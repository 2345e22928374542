import { cpus, release, totalmem } from 'node:os'

/** One line on what the figures were measured on. */
export function machine(): string {
  const [first] = cpus()
  const memoryGiB = (totalmem() / 2 ** 30).toFixed(0)
  return `${cpus().length} × ${first?.model ?? 'unknown CPU'}, ${memoryGiB} GiB, Linux ${release()}, Node ${process.version}`
}

/** Median with the smallest and the largest value. */
export function spread(values: readonly number[], digits = 0): string {
  const sorted = [...values].sort((a, b) => a - b)
  const show = (value: number | undefined): string => (value ?? Number.NaN).toFixed(digits)
  return `${show(median(values))} [${show(sorted[0])}–${show(sorted.at(-1))}]`
}

/** The middle value; of an even number of values the lower of the two. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? Number.NaN
}
