import { type Clock, nodeRuntime, type Runtime } from '@mq/remoting'
import { BrokerNetwork } from '../network/broker-network.js'
import { clientNetwork } from '../network/client-network.js'
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
  readonly brokerNetwork: BrokerNetwork
  readonly broker: Runtime
  readonly store: Runtime
  readonly client: Runtime
  /** Real time, for the name server, which must not take a leap for silence of its broker, and for the test's own waiting. */
  readonly real: Runtime = nodeRuntime

  constructor() {
    const { real } = this
    this.time = new VirtualTime(real)
    this.activity = new Activity(real)
    this.timeMachine = new TimeMachine(this.time, this.activity)
    const onTraffic = (): void => this.activity.noteTraffic()
    const wallClock: Clock = { now: () => this.time.now(), monotonic: () => real.clock.monotonic() }
    this.brokerNetwork = new BrokerNetwork(real.network, onTraffic)
    this.broker = { ...real, clock: wallClock, timers: this.time, network: this.brokerNetwork }
    this.store = { ...real, clock: wallClock }
    this.client = { ...real, clock: this.time, timers: this.time, network: clientNetwork(real.network, onTraffic) }
  }
}
