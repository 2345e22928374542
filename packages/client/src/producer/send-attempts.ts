import { type Clock, MqError, ResponseCode } from '@mq/remoting'
import type { Deadline } from '../deadline.js'
import { MQClientError, type SendAttempt, SendError } from '../errors.js'
import type { BrokerTarget } from './send-result.js'

/** Codes by which a broker says that it cannot store now, whatever the message. */
const busyCodes: ReadonlySet<number> = new Set([
  ResponseCode.SYSTEM_ERROR,
  ResponseCode.SYSTEM_BUSY,
  ResponseCode.SERVICE_NOT_AVAILABLE,
  ResponseCode.FLOW_CONTROL,
  ResponseCode.GO_AWAY,
])

/** What to do about the refusals met most often. */
const remedies: ReadonlyMap<number, string> = new Map([
  [ResponseCode.SYSTEM_BUSY, 'the broker is overloaded: send less at once, or again after a pause'],
  [ResponseCode.SERVICE_NOT_AVAILABLE, "look at the broker's disk, which may be full, and whether it is shutting down"],
  [ResponseCode.GO_AWAY, 'the broker is shutting down: send again once another serves the topic, or it is back'],
  [ResponseCode.TOPIC_NOT_EXIST, 'create the topic, or set autoCreateTopicEnable=true at the broker'],
  [
    ResponseCode.NO_PERMISSION,
    'give the broker and the topic write permission, or send to a topic that clients may use',
  ],
  [ResponseCode.MESSAGE_ILLEGAL, "shorten body, properties or topic to the broker's limits, which its text names"],
  [ResponseCode.INVALID_PARAMETER, "send to a legal topic and to a queue id below the topic's number of queues"],
])

/** What a failed try is recorded with. */
export interface FailedTry {
  readonly brokerName: string
  /** Undefined when no address was known. */
  readonly target: BrokerTarget | undefined
  /** Monotonic time of the start. */
  readonly startedMs: number
  /** Undefined when the broker answered with a status that asked for another try. */
  readonly cause: unknown
}

/** The attempts of one send, and the one error they end in. */
export class SendAttempts {
  readonly #list: SendAttempt[] = []
  readonly #topic: string
  readonly #deadline: Deadline
  readonly #clock: Clock

  constructor(options: { topic: string; deadline: Deadline; clock: Clock }) {
    this.#topic = options.topic
    this.#deadline = options.deadline
    this.#clock = options.clock
  }

  /** Records a try that did not end the send. */
  add(failed: FailedTry): void {
    const { brokerName, target, startedMs, cause } = failed
    this.#list.push({
      brokerName: target?.brokerName ?? brokerName,
      address: target?.address,
      durationMs: this.#clock.monotonic() - startedMs,
      cause: cause === undefined || cause instanceof Error ? cause : new Error('no Error was thrown', { cause }),
    })
  }

  /** The error of the send: the last cause decides its code, all attempts are in its message. */
  error(): SendError {
    const cause = this.#list.findLast((attempt) => attempt.cause !== undefined)?.cause
    const { code, remedy } = this.#diagnosis(cause)
    const elapsedMs = Math.round(this.#deadline.elapsedMs)
    const tries = this.#list.map(describe).join('; ')
    const count = this.#list.length === 1 ? '1 attempt' : `${this.#list.length} attempts`
    return new SendError(
      `sending to topic '${this.#topic}' failed after ${count} in ${elapsedMs} ms${tries && `: ${tries}`}`,
      {
        code,
        cause,
        responseCode: MqError.is(cause) ? cause.responseCode : undefined,
        attempts: [...this.#list],
        fields: { topic: this.#topic, elapsedMs },
        ...(remedy === undefined ? {} : { remedy }),
      },
    )
  }

  #diagnosis(cause: Error | undefined): { code: string; remedy?: string | undefined } {
    if (!MqError.is(cause)) return { code: this.#deadline.remainingMs <= 0 ? 'SEND_TIMEOUT' : 'SEND_FAILED' }
    if (cause.code === 'RESPONSE_CODE') {
      const responseCode = cause.responseCode ?? ResponseCode.SYSTEM_ERROR
      return { code: busyCodes.has(responseCode) ? 'BROKER_BUSY' : 'SEND_REFUSED', remedy: remedies.get(responseCode) }
    }
    if (cause instanceof MQClientError) return { code: cause.code }
    switch (cause.code) {
      case 'REMOTING_CONNECT':
        return { code: 'BROKER_UNREACHABLE', remedy: this.#deadAddressRemedy() }
      case 'REMOTING_TIMEOUT':
        return { code: 'SEND_TIMEOUT' }
      case 'REMOTING_TOO_MUCH_REQUEST':
        return { code: this.#deadline.remainingMs <= 0 ? 'SEND_TIMEOUT' : 'TOO_MANY_SENDS' }
      default:
        return { code: 'SEND_FAILED' }
    }
  }

  #deadAddressRemedy(): string {
    const addresses = [...new Set(this.#list.map(({ brokerName, address }) => `${brokerName} at ${address}`))]
    return (
      `the name server says ${addresses.join(', ')}, which cannot be reached from here: ` +
      'start the broker, or set its brokerIP1 and listenPort to an address that can be reached'
    )
  }
}

function describe({ brokerName, address, durationMs, cause }: SendAttempt): string {
  const why = cause === undefined ? 'stored, but not as safely as asked' : cause.message
  return `${brokerName} (${address ?? 'no address'}) after ${Math.round(durationMs)} ms: ${why}`
}
