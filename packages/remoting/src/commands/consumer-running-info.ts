import {
  booleanMember,
  decodeJsonBody,
  encodeJsonBody,
  integerMember,
  isJsonObject,
  listMember,
  mapMember,
  mapRecord,
  nameOf,
  numberMember,
  textMember,
  textOf,
  whenObject,
} from '../codec/json-body.js'
import type { JsonObject } from '../codec/java-json-parser.js'
import { javaDouble } from '../codec/java-json-writer.js'
import { readSubscriptionData, type SubscriptionData, subscriptionDataRecord } from './heartbeat-data.js'
import { type MessageQueue, messageQueueKey, readMessageQueueKey } from './message-queue.js'

/** What a consumer holds of a queue; offsets are 0 and times ms since the epoch. Java: ProcessQueueInfo. */
export interface ProcessQueueInfo {
  readonly commitOffset: number
  readonly cachedMsgMinOffset: number
  readonly cachedMsgMaxOffset: number
  readonly cachedMsgCount: number
  readonly cachedMsgSizeInMiB: number
  readonly transactionMsgMinOffset: number
  readonly transactionMsgMaxOffset: number
  readonly transactionMsgCount: number
  readonly locked: boolean
  readonly tryUnlockTimes: number
  readonly lastLockTimestamp: number
  /** As Java spells it. */
  readonly droped: boolean
  readonly lastPullTimestamp: number
  readonly lastConsumeTimestamp: number
}

/** How fast a consumer works on a topic: RT in ms, TPS a second. Java: ConsumeStatus. */
export interface ConsumeStatus {
  readonly pullRT: number
  readonly pullTPS: number
  readonly consumeRT: number
  readonly consumeOKTPS: number
  readonly consumeFailedTPS: number
  readonly consumeFailedMsgs: number
}

/** What a consumer does just now. Java: ConsumerRunningInfo. */
export interface ConsumerRunningInfo {
  readonly properties: ReadonlyMap<string, string>
  readonly subscriptionSet: readonly SubscriptionData[]
  readonly mqTable: readonly { readonly messageQueue: MessageQueue; readonly info: ProcessQueueInfo }[]
  readonly statusTable: ReadonlyMap<string, ConsumeStatus>
  readonly userConsumerInfo: ReadonlyMap<string, string>
  readonly jstack?: string | undefined
}

/** In Java's order. */
const membersOfQueueInfo = [
  'cachedMsgCount',
  'cachedMsgMaxOffset',
  'cachedMsgMinOffset',
  'cachedMsgSizeInMiB',
  'commitOffset',
  'droped',
  'lastConsumeTimestamp',
  'lastLockTimestamp',
  'lastPullTimestamp',
  'locked',
  'transactionMsgCount',
  'transactionMsgMaxOffset',
  'transactionMsgMinOffset',
  'tryUnlockTimes',
] as const satisfies readonly (keyof ProcessQueueInfo)[]

/** Body of the answer to GET_CONSUMER_RUNNING_INFO. */
export function encodeConsumerRunningInfo(info: ConsumerRunningInfo): Buffer {
  const { jstack, mqTable, properties, statusTable, subscriptionSet, userConsumerInfo } = info
  return encodeJsonBody({
    jstack,
    mqPopTable: {},
    mqTable: new Map(mqTable.map((row) => [messageQueueKey(row.messageQueue), processQueueInfoRecord(row.info)])),
    properties,
    statusTable: mapRecord(statusTable, consumeStatusRecord),
    subscriptionSet: subscriptionSet.map(subscriptionDataRecord),
    userConsumerInfo,
  })
}

/** Body of the answer to GET_CONSUMER_RUNNING_INFO. @throws RemotingCommandError when it is no JSON object. */
export function decodeConsumerRunningInfo(bytes: Buffer): ConsumerRunningInfo {
  const object = decodeJsonBody(bytes, 'ConsumerRunningInfo')
  return {
    properties: mapMember(object, 'properties', textOf),
    subscriptionSet: listMember(object, 'subscriptionSet', whenObject(readSubscriptionData)),
    mqTable: queueInfos(object),
    statusTable: mapMember(object, 'statusTable', whenObject(readConsumeStatus)),
    userConsumerInfo: mapMember(object, 'userConsumerInfo', textOf),
    jstack: textMember(object, 'jstack'),
  }
}

function queueInfos(object: JsonObject): { messageQueue: MessageQueue; info: ProcessQueueInfo }[] {
  const table = mapMember(object, 'mqTable', (value) => (isJsonObject(value) ? value : undefined))
  return [...table].flatMap(([text, value]) => {
    const messageQueue = readMessageQueueKey(text)
    return messageQueue === undefined ? [] : [{ messageQueue, info: readProcessQueueInfo(value) }]
  })
}

function processQueueInfoRecord(info: ProcessQueueInfo): object {
  return Object.fromEntries(membersOfQueueInfo.map((name) => [name, info[name]]))
}

function readProcessQueueInfo(object: JsonObject): ProcessQueueInfo {
  const number = (name: keyof ProcessQueueInfo): number => integerMember(object, name)
  return {
    commitOffset: number('commitOffset'),
    cachedMsgMinOffset: number('cachedMsgMinOffset'),
    cachedMsgMaxOffset: number('cachedMsgMaxOffset'),
    cachedMsgCount: number('cachedMsgCount'),
    cachedMsgSizeInMiB: number('cachedMsgSizeInMiB'),
    transactionMsgMinOffset: number('transactionMsgMinOffset'),
    transactionMsgMaxOffset: number('transactionMsgMaxOffset'),
    transactionMsgCount: number('transactionMsgCount'),
    locked: booleanMember(object, 'locked') ?? false,
    tryUnlockTimes: number('tryUnlockTimes'),
    lastLockTimestamp: number('lastLockTimestamp'),
    droped: booleanMember(object, 'droped') ?? false,
    lastPullTimestamp: number('lastPullTimestamp'),
    lastConsumeTimestamp: number('lastConsumeTimestamp'),
  }
}

function consumeStatusRecord(status: ConsumeStatus): object {
  return {
    consumeFailedMsgs: status.consumeFailedMsgs,
    consumeFailedTPS: javaDouble(status.consumeFailedTPS),
    consumeOKTPS: javaDouble(status.consumeOKTPS),
    consumeRT: javaDouble(status.consumeRT),
    pullRT: javaDouble(status.pullRT),
    pullTPS: javaDouble(status.pullTPS),
  }
}

function readConsumeStatus(object: JsonObject): ConsumeStatus {
  return {
    pullRT: numberMember(object, 'pullRT'),
    pullTPS: numberMember(object, 'pullTPS'),
    consumeRT: numberMember(object, 'consumeRT'),
    consumeOKTPS: numberMember(object, 'consumeOKTPS'),
    consumeFailedTPS: numberMember(object, 'consumeFailedTPS'),
    consumeFailedMsgs: integerMember(object, 'consumeFailedMsgs'),
  }
}

/** How a direct consumption ended. Java: CMResult. */
export type ConsumeResult =
  | 'CR_SUCCESS'
  | 'CR_LATER'
  | 'CR_ROLLBACK'
  | 'CR_COMMIT'
  | 'CR_THROW_EXCEPTION'
  | 'CR_RETURN_NULL'

const consumeResults: readonly ConsumeResult[] = [
  'CR_SUCCESS',
  'CR_LATER',
  'CR_ROLLBACK',
  'CR_COMMIT',
  'CR_THROW_EXCEPTION',
  'CR_RETURN_NULL',
]

/** What came of a message consumed directly. Java: ConsumeMessageDirectlyResult. */
export interface ConsumeMessageDirectlyResult {
  readonly order: boolean
  readonly autoCommit: boolean
  readonly consumeResult: ConsumeResult
  readonly remark?: string | undefined
  /** Milliseconds. */
  readonly spentTimeMills: number
}

/** Body of the answer to CONSUME_MESSAGE_DIRECTLY. */
export function encodeConsumeMessageDirectlyResult(result: ConsumeMessageDirectlyResult): Buffer {
  const { autoCommit, consumeResult, order, remark, spentTimeMills } = result
  return encodeJsonBody({ autoCommit, consumeResult, order, remark, spentTimeMills })
}

/** Body of the answer to CONSUME_MESSAGE_DIRECTLY. @throws RemotingCommandError when it is no JSON object. */
export function decodeConsumeMessageDirectlyResult(bytes: Buffer): ConsumeMessageDirectlyResult {
  const object = decodeJsonBody(bytes, 'ConsumeMessageDirectlyResult')
  return {
    order: booleanMember(object, 'order') ?? false,
    autoCommit: booleanMember(object, 'autoCommit') ?? true,
    consumeResult: nameOf(object['consumeResult'], consumeResults) ?? 'CR_RETURN_NULL',
    remark: textMember(object, 'remark'),
    spentTimeMills: integerMember(object, 'spentTimeMills'),
  }
}
