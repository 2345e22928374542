/** What hooks learn of a send; `after` fields are set once the store answered. Java: SendMessageContext. */
export interface SendMessageContext {
  readonly producerGroup: string
  readonly topic: string
  readonly bodyLength: number
  readonly properties: ReadonlyMap<string, string>
  /** `ip:port` of the producer. */
  readonly bornHost: string
  readonly brokerAddress: string
  readonly regionId: string
  readonly uniqueKey: string | undefined
  queueId: number
  queueOffset?: number
  /** Offset message id, several joined by a comma for a batch. */
  msgId?: string
  /** Response code sent to the producer. */
  code?: number
  remark?: string | undefined
}

/** Code that runs around every send. Java: SendMessageHook. */
export interface SendMessageHook {
  readonly name: string
  /** Runs before the checks; throwing a ResponseError refuses the send with its code, any other error is logged and ignored. */
  sendMessageBefore?(context: SendMessageContext): void
  /** Runs once the answer is written; errors are logged and ignored. */
  sendMessageAfter?(context: SendMessageContext): void
}
