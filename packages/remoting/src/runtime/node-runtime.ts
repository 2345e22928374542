import { nodeClock } from './node-clock.js'
import { nodeNetwork } from './node-network.js'
import { nodeRandom } from './node-random.js'
import { nodeTimers } from './node-timers.js'
import type { Runtime } from './runtime.js'

/** The runtime of a real process: the default of every component that takes one. */
export const nodeRuntime: Runtime = {
  clock: nodeClock,
  timers: nodeTimers,
  random: nodeRandom,
  network: nodeNetwork,
}
