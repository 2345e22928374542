import type { Logger, MessageProperties, MessageQueue } from '@mq/remoting'
import type { SendResult } from './message.js'

/** Whether the caller waits for the answer. Java: CommunicationMode. */
export type CommunicationMode = 'SYNC' | 'ASYNC' | 'ONEWAY'

/** Java: MessageType, as hooks see it before a send. */
export type MessageType = 'Normal_Msg' | 'Trans_Msg_Half' | 'Delay_Msg'

/** The message as it goes out: the producer's copy, whose properties hooks may add to. */
export interface HookedMessage {
  /** Within the namespace. */
  readonly topic: string
  readonly flag: number
  readonly properties: MessageProperties
  /** As sent, so compressed if it is large. Not to be changed. */
  readonly body: Buffer
}

/** What hooks learn about one attempt. Java: SendMessageContext. */
export interface SendMessageContext {
  readonly producerGroup: string
  readonly message: HookedMessage
  readonly queue: MessageQueue
  readonly brokerAddress: string
  /** Address of this client. */
  readonly bornHost: string
  readonly communicationMode: CommunicationMode
  readonly messageType: MessageType
  /** Empty for none. */
  readonly namespace: string
  /** In `sendMessageAfter`, when the attempt succeeded. */
  sendResult?: SendResult
  /** In `sendMessageAfter`, when it failed. */
  exception?: unknown
}

/** Sees every attempt; what it throws is logged and changes nothing. Java: SendMessageHook. */
export interface SendMessageHook {
  readonly hookName?: string
  sendMessageBefore?(context: SendMessageContext): void
  sendMessageAfter?(context: SendMessageContext): void
}

/** What a forbidding hook learns about one attempt. Java: CheckForbiddenContext. */
export interface CheckForbiddenContext {
  readonly nameServerAddresses: readonly string[]
  readonly group: string
  readonly message: HookedMessage
  readonly queue: MessageQueue
  readonly brokerAddress: string
  readonly communicationMode: CommunicationMode
  readonly unitMode: boolean
}

/** May forbid an attempt by throwing. Java: CheckForbiddenHook. */
export interface CheckForbiddenHook {
  readonly hookName?: string
  checkForbidden(context: CheckForbiddenContext): void
}

/** The hooks of one producer, in the order they are called. */
export class SendHooks {
  readonly #send: SendMessageHook[]
  readonly #forbidden: CheckForbiddenHook[]
  readonly #logger: Logger

  constructor(hooks: { send: Iterable<SendMessageHook>; forbidden: Iterable<CheckForbiddenHook>; logger: Logger }) {
    this.#send = [...hooks.send]
    this.#forbidden = [...hooks.forbidden]
    this.#logger = hooks.logger
  }

  /** Whether anyone has to be told of attempts. */
  get hasSendHooks(): boolean {
    return this.#send.length > 0
  }

  /** Whether anyone has to be asked before an attempt. */
  get hasForbiddenHooks(): boolean {
    return this.#forbidden.length > 0
  }

  /** Lets every forbidding hook look; throws what the first one throws. */
  checkForbidden(context: CheckForbiddenContext): void {
    for (const hook of this.#forbidden) hook.checkForbidden(context)
  }

  before(context: SendMessageContext): void {
    this.#tellAll((hook) => hook.sendMessageBefore?.(context))
  }

  after(context: SendMessageContext): void {
    this.#tellAll((hook) => hook.sendMessageAfter?.(context))
  }

  #tellAll(tell: (hook: SendMessageHook) => void): void {
    for (const hook of this.#send) {
      try {
        tell(hook)
      } catch (cause) {
        this.#logger.warn('a send message hook failed', { hook: hook.hookName, cause })
      }
    }
  }
}
