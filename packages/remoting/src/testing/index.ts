export { SeededRandom } from './seeded-random.js'
export { SimulatedNetwork, type SimulatedNetworkOptions } from './simulated-network.js'
export { SimulatedRuntime, type SimulatedRuntimeOptions } from './simulated-runtime.js'
export { promotedBytesPerCall } from './promoted-bytes.js'
