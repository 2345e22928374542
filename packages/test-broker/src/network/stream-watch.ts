import type { ByteStream } from '@mq/remoting'
import type { Activity } from '../time/activity.js'
import { ObservedStream } from './observed-stream.js'
import type { WireEnd, Wires } from './wires.js'

/** Makes streams whose traffic is activity of a test broker. */
export class StreamWatch {
  readonly #activity: Activity
  readonly #wires: Wires

  constructor(activity: Activity, wires: Wires) {
    this.#activity = activity
    this.#wires = wires
  }

  /** A connection that is being made; counts as under way. */
  async connecting(connection: Promise<ByteStream>): Promise<ObservedStream> {
    const stream = await this.#activity.during(connection)
    const end: WireEnd = this.#wires.client(stream, () => observed.isReading)
    const observed = this.#observe(stream, end)
    return observed
  }

  /** A connection that was accepted; `onClose` runs when it is over. */
  accepted(stream: ByteStream, onClose: () => void): ObservedStream {
    const end: WireEnd = this.#wires.server(stream, () => observed.isReading)
    const observed = this.#observe(stream, end, onClose)
    return observed
  }

  #observe(stream: ByteStream, end: WireEnd, onClose?: () => void): ObservedStream {
    return new ObservedStream(stream, {
      onWrite: (size) => {
        end.sent(size)
        this.#activity.noteTraffic()
      },
      onRead: (size) => {
        end.received(size)
        this.#activity.noteTraffic()
      },
      onClose: () => {
        this.#wires.remove(end)
        this.#activity.noteTraffic()
        onClose?.()
      },
    })
  }
}
