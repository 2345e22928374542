import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

type CollectGarbage = (options?: { readonly type: 'minor' }) => void

const warmUpCalls = 4000
const rounds = 20
const callsPerRound = 200

/**
 * Bytes of garbage that each call leaves behind in the old generation, which only a full collection takes away: next to none for work
 * whose objects nobody keeps. Collects garbage itself, often; for tests.
 */
export async function promotedBytesPerCall(call: (index: number) => unknown): Promise<number> {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as CollectGarbage
  let index = 0
  for (; index < warmUpCalls; index++) await call(index)
  collect()
  const before = oldBytes()
  for (let round = 0; round < rounds; round++) {
    for (let end = index + callsPerRound; index < end; index++) await call(index)
    collect({ type: 'minor' })
  }
  return (oldBytes() - before) / (rounds * callsPerRound)
}

function oldBytes(): number {
  return getHeapSpaceStatistics().find((space) => space.space_name === 'old_space')?.space_used_size ?? 0
}
