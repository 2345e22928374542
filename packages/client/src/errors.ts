import { type ErrorEntry, MqError } from '@mq/remoting'

/** Every error @mq/client throws itself; errors of @mq/remoting reach the caller as causes or as they are. */
export const clientErrors: readonly ErrorEntry[] = [
  {
    code: 'CLIENT_CONFIG',
    retryable: false,
    meaning: 'an option of the client is missing or has a value that cannot be used',
    remedy: 'the message names the option, the value and the values allowed; correct the options object',
  },
  {
    code: 'CLIENT_STATE',
    retryable: false,
    meaning: 'the client was used before start() finished or after close() began',
    remedy: 'await start() before the first call, and make no call once close() was called',
  },
  {
    code: 'PRODUCER_GROUP_TAKEN',
    retryable: false,
    meaning: 'another producer of this group is already registered in the same MQClientInstance',
    remedy: 'share that producer, use another producerGroup, or give this one its own instanceName',
  },
  {
    code: 'MESSAGE_ILLEGAL',
    retryable: false,
    meaning: 'the message or batch breaks a rule that is checked before anything is sent (Java: response code 13)',
    remedy: 'the message names the field and the rule; correct the message',
  },
  {
    code: 'NO_NAME_SERVER',
    retryable: false,
    meaning: 'no name server address is known (Java: client error code 10004)',
    remedy: 'pass namesrvAddr, set the environment variable NAMESRV_ADDR, or check the address server of namesrvDomain',
  },
  {
    code: 'NAME_SERVER_UNREACHABLE',
    retryable: true,
    meaning: 'no name server answered the route query in time',
    remedy: 'check that a name server listens at namesrvAddr and that it can be reached from here',
  },
  {
    code: 'TOPIC_NOT_FOUND',
    retryable: true,
    meaning: 'the name servers know no route for the topic, and no broker offers to create it (Java: code 10005)',
    remedy: 'create the topic, or start a broker with autoCreateTopicEnable=true that registers at these name servers',
  },
  {
    code: 'NO_BROKER_REGISTERED',
    retryable: true,
    meaning: 'the name servers answer, but no broker is registered with them',
    remedy: 'start a broker with namesrvAddr set to these name servers, and look at its log for failed registrations',
  },
  {
    code: 'TOPIC_NOT_WRITABLE',
    retryable: true,
    meaning: 'the topic has a route, but no queue of it is writable on a broker with a master',
    remedy: "give the topic's queues write permission (perm 6), or start the master of one of its brokers",
  },
  {
    code: 'BROKER_NOT_FOUND',
    retryable: true,
    meaning: 'the broker that holds the queue has no master address in any route (Java: code 10003)',
    remedy: 'start the master of that broker, or send without naming a queue',
  },
  {
    code: 'FILTER_UNSUPPORTED',
    retryable: true,
    meaning:
      'the broker is not known to filter by anything but tags: it is older than 4.1.0, or has answered no heartbeat',
    remedy: 'subscribe by tags, upgrade the broker, or pull again once the broker has answered a heartbeat',
  },
  {
    code: 'ALLOCATION',
    retryable: true,
    meaning: 'an allocation strategy cannot share out the queues of a topic; the shares stay as they were',
    remedy: 'the message says what is missing: a readable queue, a member, or the room of one of them',
  },
  {
    code: 'OFFSET_UNAVAILABLE',
    retryable: true,
    meaning: 'the offset of a group in a queue could not be read where it is kept; the log says why',
    remedy: 'try again once the broker of the queue, or the local offset file, can be reached',
  },
  {
    code: 'QUEUE_NOT_ASSIGNED',
    retryable: true,
    meaning: 'a queue is not among those this member consumes now',
    remedy: 'call it for a queue of assignment(); with subscribe, queues come and go as members do',
  },
  {
    code: 'SEEK_ILLEGAL',
    retryable: false,
    meaning: 'the offset to go to lies outside what the queue holds',
    remedy: 'seek to an offset from the first to one past the last message; the message names both',
  },
  {
    code: 'OFFSET_FILE_UNREADABLE',
    retryable: false,
    meaning: 'neither the local offset file of a broadcasting group nor its backup can be parsed',
    remedy: 'restore the file or its .bak from a copy, or move both away to begin where consumeFromWhere says',
  },
  {
    code: 'BROKER_UNREACHABLE',
    retryable: true,
    meaning: 'no connection to the address the broker advertises could be made (Java: code 10001)',
    remedy: 'start the broker, or set its brokerIP1 and listenPort to an address that can be reached from here',
  },
  {
    code: 'SEND_REFUSED',
    retryable: false,
    meaning: 'a broker refused the message; responseCode and the text say why',
    remedy: 'correct what the broker names: the message, its topic, or the permissions',
  },
  {
    code: 'BROKER_BUSY',
    retryable: true,
    meaning: 'every broker that was tried answered that it cannot store the message now',
    remedy: "send again after a pause, and look at the brokers' load, disks and logs",
  },
  {
    code: 'SEND_TIMEOUT',
    retryable: true,
    meaning: 'the timeout ran out before a broker acknowledged; the message may have been stored (Java: code 10002)',
    remedy: 'send again if a duplicate does no harm, raise sendMsgTimeout, or look at the load of the brokers',
  },
  {
    code: 'SEND_FAILED',
    retryable: true,
    meaning: 'the connection broke before a broker acknowledged; the message may have been stored',
    remedy: 'send again if a duplicate does no harm; the attempts tell which broker and why',
  },
  {
    code: 'TOO_MANY_SENDS',
    retryable: true,
    meaning: 'more sends are in flight than the client permits',
    remedy: 'await sends before starting more, or enable enableBackpressureForAsyncMode',
  },
  {
    code: 'SEND_FORBIDDEN',
    retryable: false,
    meaning: 'a CheckForbiddenHook refused the message',
    remedy: 'the cause is what the hook threw',
  },
  {
    code: 'QUEUE_SELECTION',
    retryable: false,
    meaning: 'the message queue selector threw, or returned no queue',
    remedy: 'correct the selector: it must return one of the queues it was given',
  },
  {
    code: 'SUBSCRIPTION_REFUSED',
    retryable: false,
    meaning: 'a broker refuses an expression that a consumer subscribes with; responseCode and the cause say why',
    remedy: 'correct the expression, or subscribe by tags; SQL needs enablePropertyFilter=true at the broker',
  },
  {
    code: 'MESSAGE_NOT_FOUND',
    retryable: false,
    meaning: 'no message is stored under this id',
    remedy: 'check the id and the topic; the message may have expired with its commit log file',
  },
]

const byCode = new Map(clientErrors.map((entry) => [entry.code, entry]))

/** The table's row of one code. */
function entryOf(code: string): ErrorEntry {
  const entry = byCode.get(code)
  if (entry === undefined) throw new TypeError(`${code} is not in the error table of @mq/client`)
  return entry
}

/** What the errors of this package are made with besides their message; the table says whether a retry may help. */
export interface ClientErrorOptions {
  /** A code of {@link clientErrors}. */
  readonly code: string
  readonly cause?: unknown
  readonly responseCode?: number | undefined
  readonly fields?: Readonly<Record<string, unknown>>
  /** What to do; default: the table's remedy. It is appended to the message. */
  readonly remedy?: string
}

/** A call refused or failed by the client itself. Java: MQClientException. */
export class MQClientError extends MqError {
  override readonly name: string = 'MQClientError'

  constructor(message: string, options: ClientErrorOptions) {
    const { remedy, ...rest } = options
    const entry = entryOf(options.code)
    super(`${message}; ${remedy ?? entry.remedy}`, { ...rest, retryable: entry.retryable })
  }
}

/** One try to hand a message to a broker. */
export interface SendAttempt {
  readonly brokerName: string
  /** `host:port`, or undefined when no address of the broker was known. */
  readonly address: string | undefined
  /** Milliseconds from the start of this attempt to its end. */
  readonly durationMs: number
  /** Why it failed; undefined when the broker answered with a status that asked for another try. */
  readonly cause: Error | undefined
}

/** A send that ended without acknowledgement, with every attempt made. Java: MQClientException, MQBrokerException. */
export class SendError extends MQClientError {
  override readonly name: string = 'SendError'
  /** In the order they were made; empty when no broker was reached because no route was found. */
  readonly attempts: readonly SendAttempt[]

  constructor(message: string, options: ClientErrorOptions & { readonly attempts: readonly SendAttempt[] }) {
    const { attempts, ...rest } = options
    super(message, rest)
    this.attempts = attempts
  }

  override toJSON(): Record<string, unknown> {
    const attempts = this.attempts.map((attempt) => ({ ...attempt, cause: attempt.cause?.message }))
    return { ...super.toJSON(), attempts }
  }
}

/** There is nowhere to send to: no route, or no name server that tells one. Its code says which; nothing was sent. */
export class NoRouteError extends SendError {
  override readonly name: string = 'NoRouteError'

  constructor(message: string, options: ClientErrorOptions) {
    super(message, { ...options, attempts: [] })
  }
}
