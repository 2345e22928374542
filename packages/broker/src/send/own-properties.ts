import { createExtFields, encodeProperties, type ExtFields, type MessageProperties, PropertyName } from '@mq/remoting'
import type { BrokerConfig } from '../configuration/broker-config.js'

/** What they depend on. */
type OwnConfig = Pick<BrokerConfig, 'regionId' | 'traceOn' | 'brokerClusterName'>

/** What a broker adds to the properties of every message, and to the answer. Java: SendMessageProcessor. */
export class OwnProperties {
  readonly #config: OwnConfig
  #last: Added | undefined

  constructor(config: OwnConfig) {
    this.#config = config
  }

  /** Answers them encoded, to stand behind `properties`, or sets them there, if the sender has set one of them too. */
  appendTo(properties: MessageProperties): string | undefined {
    const { entries, encoded } = this.#current
    const { MSG_REGION, TRACE_ON, CLUSTER } = PropertyName
    if (!properties.has(MSG_REGION) && !properties.has(TRACE_ON) && !properties.has(CLUSTER)) return encoded
    for (const [name, value] of entries) properties.set(name, value)
    return undefined
  }

  /** What every answer carries after the hooks have run, so that producers learn the region and whether to trace; the same object for all. */
  get replyFields(): ExtFields {
    return this.#current.replyFields
  }

  /** The configuration may change at run time, and hardly does. */
  get #current(): Added {
    const last = this.#last
    if (last?.isOf(this.#config) === true) return last
    this.#last = new Added(this.#config)
    return this.#last
  }
}

/** What is added while the configuration is this. */
class Added {
  readonly entries: ReadonlyMap<string, string>
  readonly encoded: string
  readonly replyFields: ExtFields
  readonly #regionId: string
  readonly #traceOn: boolean
  readonly #brokerClusterName: string

  constructor({ regionId, traceOn, brokerClusterName }: OwnConfig) {
    const reply = { [PropertyName.MSG_REGION]: regionId, [PropertyName.TRACE_ON]: String(traceOn) }
    this.#regionId = regionId
    this.#traceOn = traceOn
    this.#brokerClusterName = brokerClusterName
    this.entries = new Map([...Object.entries(reply), [PropertyName.CLUSTER, brokerClusterName]])
    this.encoded = encodeProperties(this.entries)
    this.replyFields = createExtFields(reply)
  }

  isOf({ regionId, traceOn, brokerClusterName }: OwnConfig): boolean {
    return this.#regionId === regionId && this.#traceOn === traceOn && this.#brokerClusterName === brokerClusterName
  }
}
