import { encodeProperties, type MessageProperties, PropertyName } from '@mq/remoting'
import type { BrokerConfig } from '../configuration/broker-config.js'

/** What a broker adds to the properties of every message. Java: SendMessageProcessor. */
export class OwnProperties {
  readonly #config: Pick<BrokerConfig, 'regionId' | 'traceOn' | 'brokerClusterName'>
  /** Those of the last message: the configuration may change at run time, and hardly does. */
  #last = { regionId: '', traceOn: false, brokerClusterName: '', encoded: '' }

  constructor(config: Pick<BrokerConfig, 'regionId' | 'traceOn' | 'brokerClusterName'>) {
    this.#config = config
  }

  /** Answers them encoded, to stand behind `properties`, or sets them there, if the sender has set one of them too. */
  appendTo(properties: MessageProperties): string | undefined {
    const { MSG_REGION, TRACE_ON, CLUSTER } = PropertyName
    if (!properties.has(MSG_REGION) && !properties.has(TRACE_ON) && !properties.has(CLUSTER)) return this.#encoded()
    for (const [name, value] of this.#entries()) properties.set(name, value)
    return undefined
  }

  #encoded(): string {
    const { regionId, traceOn, brokerClusterName } = this.#config
    const last = this.#last
    if (last.regionId === regionId && last.traceOn === traceOn && last.brokerClusterName === brokerClusterName) {
      return last.encoded
    }
    const encoded = encodeProperties(new Map(this.#entries()))
    this.#last = { regionId, traceOn, brokerClusterName, encoded }
    return encoded
  }

  #entries(): (readonly [string, string])[] {
    const { regionId, traceOn, brokerClusterName } = this.#config
    return [
      [PropertyName.MSG_REGION, regionId],
      [PropertyName.TRACE_ON, String(traceOn)],
      [PropertyName.CLUSTER, brokerClusterName],
    ]
  }
}
