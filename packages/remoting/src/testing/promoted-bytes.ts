import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

type CollectGarbage = (options?: { readonly type: 'minor' }) => void

const warmUpCalls = 4000
const rounds = 20
const callsPerRound = 200

/**
 * Bytes of garbage that each call leaves behind in the old generation, which only a full collection takes away: next to none for work
 * whose objects nobody keeps. The median of twenty rounds: what the engine itself puts there meanwhile, compiled code for one, comes in
 * a few of them only. Collects garbage itself, often; for tests.
 */
export async function promotedBytesPerCall(call: (index: number) => unknown): Promise<number> {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as CollectGarbage
  let index = 0
  for (; index < warmUpCalls; index++) await call(index)
  collect()
  const promoted: number[] = []
  let before = oldBytes()
  for (let round = 0; round < rounds; round++) {
    for (let end = index + callsPerRound; index < end; index++) await call(index)
    collect({ type: 'minor' })
    const after = oldBytes()
    promoted.push((after - before) / callsPerRound)
    before = after
  }
  return promoted.sort((one, other) => one - other)[rounds / 2] as number
}

function oldBytes(): number {
  return getHeapSpaceStatistics().find((space) => space.space_name === 'old_space')?.space_used_size ?? 0
}
