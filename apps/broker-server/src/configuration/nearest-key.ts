/**
 * The key closest to a misspelt one, or undefined when none is close: insertions, deletions, replacements and swaps of
 * neighbours are counted, upper and lower case are not told apart. Failing that, the shortest key that contains the given one.
 */
export function nearestKey(misspelt: string, keys: Iterable<string>): string | undefined {
  const given = misspelt.toLowerCase()
  const known = [...keys]
  let nearest: string | undefined
  let distance = Math.max(2, Math.floor(given.length / 3)) + 1
  for (const key of known) {
    const candidate = editDistance(given, key.toLowerCase())
    if (candidate >= distance) continue
    nearest = key
    distance = candidate
  }
  return nearest ?? shortestContaining(given, known)
}

function shortestContaining(part: string, keys: readonly string[]): string | undefined {
  if (part.length < 4) return undefined
  return keys.filter((key) => key.toLowerCase().includes(part)).sort((a, b) => a.length - b.length)[0]
}

/** Damerau-Levenshtein distance, each stretch edited at most once (optimal string alignment). */
export function editDistance(from: string, to: string): number {
  let beforeLast: number[] = []
  let last = Array.from({ length: to.length + 1 }, (_, column) => column)
  for (let row = 1; row <= from.length; row++) {
    const current = [row]
    for (let column = 1; column <= to.length; column++) {
      const same = from[row - 1] === to[column - 1]
      let cost = Math.min(last[column]! + 1, current[column - 1]! + 1, last[column - 1]! + (same ? 0 : 1))
      const isSwap = row > 1 && column > 1 && from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1]
      if (isSwap) cost = Math.min(cost, beforeLast[column - 2]! + 1)
      current.push(cost)
    }
    beforeLast = last
    last = current
  }
  return last[to.length]!
}
