import { type Clock, nodeRuntime, type Runtime } from '@mq/remoting'
import { clientNetwork } from '../network/client-network.js'
import { ServerNetwork } from '../network/server-network.js'
import { StreamWatch } from '../network/stream-watch.js'
import { Wires } from '../network/wires.js'
import { TimeMachine } from './time-machine.js'
import { Activity } from './activity.js'
import { VirtualTime } from './virtual-time.js'

/**
 * The runtimes of one test broker. Wall clock and timers of broker and clients leap when time is advanced, as if the machine's
 * clock had been set. What watches over connections and upkeep of files stays on the real clock: neither grows old in a leap.
 */
export class TestWorld {
  readonly time: VirtualTime
  readonly activity: Activity
  readonly timeMachine: TimeMachine
  /** The side of the broker: its accepted connections can be held and cut. */
  readonly brokerNetwork: ServerNetwork
  readonly broker: Runtime
  readonly store: Runtime
  readonly client: Runtime
  /** Real time: a leap must not be taken for silence of the broker. */
  readonly nameServer: Runtime
  /** For the test's own waiting. */
  readonly real: Runtime = nodeRuntime

  constructor() {
    const { real } = this
    this.time = new VirtualTime(real)
    const wires = new Wires()
    this.activity = new Activity(real, () => wires.areBusy)
    const watch = new StreamWatch(this.activity, wires)
    this.timeMachine = new TimeMachine(this.time, this.activity)
    const wallClock: Clock = { now: () => this.time.now(), monotonic: () => real.clock.monotonic() }
    this.brokerNetwork = new ServerNetwork(real.network, watch)
    this.broker = { ...real, clock: wallClock, timers: this.time, network: this.brokerNetwork }
    this.store = { ...real, clock: wallClock }
    this.client = { ...real, clock: this.time, timers: this.time, network: clientNetwork(real.network, watch) }
    this.nameServer = { ...real, network: new ServerNetwork(real.network, watch) }
  }
}
