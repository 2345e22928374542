// --- errors, logger, schema, commands, codec ---
export { asJsonObject, isJsonObject } from './codec/json-body.js'
export { ByteWriter } from './codec/byte-writer.js'
export { FrameDecoder, type FrameDecoderOptions } from './codec/frame-decoder.js'
export { encodeFrame, encodeFrameHeadInto, encodeFrameInto } from './codec/frame-encoder.js'
export { type JsonObject, parseJavaJson } from './codec/java-json-parser.js'
export { javaDouble, type JavaJsonOptions, stringifyJavaJson } from './codec/java-json-writer.js'
export { LanguageCode, languageCode, languageName } from './codec/language-code.js'
export { CURRENT_VERSION, protocolVersion, protocolVersionName } from './codec/protocol-version.js'
export { createRequest, createResponse, ONEWAY_FLAG, RemotingCommand } from './codec/remoting-command.js'
export { type RequestContent, RESPONSE_FLAG, type ResponseContent } from './codec/remoting-command.js'
export { type SerializeType } from './codec/remoting-command.js'
export { decodeMessageRequestMode, decodeMessageRequestModeTable } from './commands/assignment-body.js'
export { decodeQueryAssignmentRequest, decodeQueryAssignmentResponse } from './commands/assignment-body.js'
export { encodeMessageRequestMode, encodeQueryAssignmentRequest } from './commands/assignment-body.js'
export { encodeQueryAssignmentResponse, type MessageQueueAssignment } from './commands/assignment-body.js'
export { type MessageRequestMode, type MessageRequestModeSetting } from './commands/assignment-body.js'
export { type MessageRequestModeTable, messageRequestModeTableRecord } from './commands/assignment-body.js'
export { type QueryAssignmentRequestBody, type QueryAssignmentResponseBody } from './commands/assignment-body.js'
export { AuthCreateAcl, AuthCreateUser, AuthDeleteAcl, AuthDeleteUser } from './commands/auth.js'
export { AuthGetAcl, AuthGetUser, AuthListAcl, AuthListUser, AuthUpdateAcl, AuthUpdateUser } from './commands/auth.js'
export { CheckRocksdbCqWriteProgress } from './commands/broker-admin.js'
export { CleanExpiredConsumeQueue, DeleteExpiredCommitLog, ExportRocksDBConfigToJson } from './commands/broker-admin.js'
export { GetBrokerConfig } from './commands/broker-admin.js'
export { GetBrokerRuntimeInfo, GetColdDataFlowCtrInfo, GetTimerCheckPoint } from './commands/broker-admin.js'
export { GetTimerMetrics, RemoveColdDataFlowCtrConfig, SetCommitLogReadMode } from './commands/broker-admin.js'
export { UpdateBrokerConfig, UpdateColdDataFlowCtrConfig, ViewBrokerStatsData } from './commands/broker-admin.js'
export { BrokerHeartbeat, type BrokerIdentity } from './commands/broker-registration.js'
export { GetBrokerMemberGroup } from './commands/broker-registration.js'
export { NotifyMinBrokerIdChange, type NotifyMinBrokerIdChangeRequest } from './commands/broker-registration.js'
export { QueryDataVersion, RegisterBroker } from './commands/broker-registration.js'
export { UnregisterBroker } from './commands/broker-registration.js'
export { type BrokerStatsData, type BrokerStatsItem, decodeBrokerStatsData } from './commands/broker-stats-data.js'
export { encodeBrokerStatsData } from './commands/broker-stats-data.js'
export { type CheckClientRequest, decodeCheckClientRequest } from './commands/check-client-body.js'
export { encodeCheckClientRequest } from './commands/check-client-body.js'
export { type ClientConnection, type ConsumerConnection } from './commands/client-connections.js'
export { decodeConsumerConnection } from './commands/client-connections.js'
export { decodeProducerConnection, decodeProducerTableInfo } from './commands/client-connections.js'
export { encodeConsumerConnection, encodeProducerConnection } from './commands/client-connections.js'
export { encodeProducerTableInfo, GetAllProducerInfo } from './commands/client-connections.js'
export { GetConsumerConnectionList, GetProducerConnectionList } from './commands/client-connections.js'
export { type ProducerConnection, type ProducerInfo } from './commands/client-connections.js'
export { type ProducerTableInfo } from './commands/client-connections.js'
export { type ConsumerStatusBody, decodeConsumerStatusBody } from './commands/client-offsets-body.js'
export { decodeResetOffsetBody, encodeConsumerStatusBody } from './commands/client-offsets-body.js'
export { encodeResetOffsetBody, type QueueOffset, type ResetOffsetBody } from './commands/client-offsets-body.js'
export { type BrokerMemberGroup, type ClusterInfo, decodeBrokerMemberGroup } from './commands/cluster-info.js'
export { decodeClusterInfo, encodeBrokerMemberGroup, encodeClusterInfo } from './commands/cluster-info.js'
export { GetBrokerClusterInfo } from './commands/cluster-info.js'
export { type ConsumeQueueBody, type ConsumeQueueData, decodeConsumeQueueBody } from './commands/consume-queue-body.js'
export { decodeSubscriptionBody, encodeConsumeQueueBody } from './commands/consume-queue-body.js'
export { encodeSubscriptionBody, type SubscriptionBody } from './commands/consume-queue-body.js'
export { type ConsumeStatsList, decodeConsumeStatsList } from './commands/consume-stats-list.js'
export { encodeConsumeStatsList, type GroupConsumeStats } from './commands/consume-stats-list.js'
export { decodeConsumeTimeSpan, encodeConsumeTimeSpan, type QueueTimeSpan } from './commands/consume-time-span.js'
export { allCommands, commandByCode } from './commands/command-table.js'
export { ConsumeMessageDirectly } from './commands/consumer-admin.js'
export { GetBrokerConsumeStats, GetConsumerRunningInfo } from './commands/consumer-admin.js'
export { GetConsumeStats } from './commands/consumer-admin.js'
export { QueryConsumeTimeSpan } from './commands/consumer-admin.js'
export { QuerySubscriptionByConsumer } from './commands/consumer-admin.js'
export { QueryTopicConsumeByWho } from './commands/consumer-admin.js'
export { QueryTopicsByConsumer } from './commands/consumer-admin.js'
export { type ConsumerOffsetTable, consumerOffsetTableRecord } from './commands/consumer-offset-table.js'
export { decodeConsumerOffsetTable, encodeConsumerOffsetTable } from './commands/consumer-offset-table.js'
export { type ConsumeMessageDirectlyResult, type ConsumeResult } from './commands/consumer-running-info.js'
export { type ConsumerRunningInfo, type ConsumeStatus } from './commands/consumer-running-info.js'
export { decodeConsumeMessageDirectlyResult } from './commands/consumer-running-info.js'
export { decodeConsumerRunningInfo, encodeConsumeMessageDirectlyResult } from './commands/consumer-running-info.js'
export { encodeConsumerRunningInfo, type ProcessQueueInfo } from './commands/consumer-running-info.js'
export { CloneGroupOffset, GetAllConsumerOffset } from './commands/consumer-offset.js'
export { GetAllDelayOffset, GetConsumerStatusFromClient } from './commands/consumer-offset.js'
export { InvokeBrokerToGetConsumerStatus } from './commands/consumer-offset.js'
export { InvokeBrokerToResetOffset, QueryConsumerOffset } from './commands/consumer-offset.js'
export { QueryCorrectionOffset } from './commands/consumer-offset.js'
export { ResetConsumerClientOffset } from './commands/consumer-offset.js'
export { UpdateConsumerOffset } from './commands/consumer-offset.js'
export { decodeCorrectionOffsets, encodeCorrectionOffsets } from './commands/correction-offsets.js'
export { CleanBrokerData } from './commands/controller.js'
export { ControllerAlterSyncStateSet, ControllerApplyBrokerId, ControllerElectMaster } from './commands/controller.js'
export { ControllerGetMetadataInfo, ControllerGetNextBrokerId } from './commands/controller.js'
export { ControllerGetReplicaInfo, ControllerGetSyncStateData } from './commands/controller.js'
export { ControllerRegisterBroker } from './commands/controller.js'
export { GetControllerConfig } from './commands/controller.js'
export { UpdateControllerConfig } from './commands/controller.js'
export { type DataVersion, dataVersionRecord, decodeDataVersion, encodeDataVersion } from './commands/data-version.js'
export { decodeDelayOffsetTable, delayOffsetTableRecord } from './commands/delay-offset-table.js'
export { type DelayOffsetTable, encodeDelayOffsetTable } from './commands/delay-offset-table.js'
export { isSameDataVersion, nextDataVersion, readDataVersion } from './commands/data-version.js'
export { decodeGroupForbidden, encodeGroupForbidden, type GroupForbidden } from './commands/group-forbidden.js'
export { type ConsumeFromWhere, type ConsumerData, type ConsumeType } from './commands/heartbeat-data.js'
export { decodeHeartbeatData, encodeHeartbeatData, type HeartbeatData } from './commands/heartbeat-data.js'
export { type MessageModel, type ProducerData, type SubscriptionData } from './commands/heartbeat-data.js'
export { CheckClientConfig, GetConsumerListByGroup } from './commands/heartbeat.js'
export { Heartbeat, NotifyConsumerIdsChanged, UnregisterClient } from './commands/heartbeat.js'
export { type MessageQueue } from './commands/message-queue.js'
export { messageQueueKey, readMessageQueueKey } from './commands/message-queue.js'
export { type ConsumerList, decodeConsumerList, decodeGroupList, decodeKVTable } from './commands/name-lists.js'
export { decodeTopicList, encodeConsumerList, encodeGroupList, encodeKVTable } from './commands/name-lists.js'
export { encodeTopicList, type GroupList, type KVTable, type TopicList } from './commands/name-lists.js'
export { DeleteKVConfig, GetKVConfig, GetKVListByNamespace, GetNamesrvConfig } from './commands/name-server-config.js'
export { PutKVConfig } from './commands/name-server-config.js'
export { UpdateNamesrvConfig } from './commands/name-server-config.js'
export { AddWritePermOfBroker, GetAllTopicListFromNameserver } from './commands/name-server-topics.js'
export { GetHasUnitSubTopicList, GetHasUnitSubUnunitTopicList } from './commands/name-server-topics.js'
export { GetSystemTopicListFromNs, GetTopicsByCluster, GetUnitTopicList } from './commands/name-server-topics.js'
export { WipeWritePermOfBroker } from './commands/name-server-topics.js'
export { type ConsumeOffset, type ConsumeStats, decodeConsumeStats } from './commands/offset-tables.js'
export { decodeTopicStatsTable, encodeConsumeStats, encodeTopicStatsTable } from './commands/offset-tables.js'
export { type TopicOffset, type TopicStatsTable } from './commands/offset-tables.js'
export { AckMessage, BatchAckMessage } from './commands/pop-message.js'
export { ChangeMessageInvisibleTime, Notification } from './commands/pop-message.js'
export { PeekMessage, PollingInfo } from './commands/pop-message.js'
export { PopMessage } from './commands/pop-message.js'
export { PopRollback } from './commands/pop-message.js'
export { isInherited, isReadable, isValidPermission, isWriteable, Permission } from './commands/permission.js'
export { LitePullMessage, PullMessage, type PullMessageRequest } from './commands/pull-message.js'
export { PullSystemFlag } from './commands/pull-message.js'
export { QueryMessage, type QueryMessageRequest } from './commands/query-message.js'
export { ViewMessageById } from './commands/query-message.js'
export { decodeLockBatchResponse, decodeQueueLockRequest, encodeLockBatchResponse } from './commands/queue-lock-body.js'
export { encodeQueueLockRequest, type LockBatchResponseBody } from './commands/queue-lock-body.js'
export { type QueueLockRequest } from './commands/queue-lock-body.js'
export { GetAllMessageRequestMode, LockBatchMQ, QueryAssignment, SetMessageRequestMode } from './commands/queue-lock.js'
export { UnlockBatchMQ } from './commands/queue-lock.js'
export { type BoundaryType, GetEarliestMsgStoretime, GetMaxOffset } from './commands/queue-offset.js'
export { GetMinOffset, QueryConsumeQueue } from './commands/queue-offset.js'
export { SearchOffsetByTimestamp } from './commands/queue-offset.js'
export { decodeRegisterBrokerBody, encodeRegisterBrokerBody } from './commands/register-broker-body.js'
export { type RegisterBrokerBody, type RegisterBrokerForm } from './commands/register-broker-body.js'
export { AddBroker, ExchangeBrokerHaInfo, GetBrokerEpochCache } from './commands/replication.js'
export { GetBrokerHaStatus, NotifyBrokerRoleChanged } from './commands/replication.js'
export { RemoveBroker } from './commands/replication.js'
export { ResetMasterFlushOffset } from './commands/replication.js'
export { RequestCode } from './commands/request-code.js'
export { ResponseCode } from './commands/response-code.js'
export { retiredCommands } from './commands/retired-commands.js'
export { rpcFields, type RpcRequest, topicFields, type TopicRequest } from './commands/rpc-fields.js'
export { ConsumerSendMsgBack } from './commands/send-message.js'
export { PushReplyMessageToClient, RecallMessage } from './commands/send-message.js'
export { SendBatchMessage, SendMessage } from './commands/send-message.js'
export { type SendMessageRequest, SendMessageV2 } from './commands/send-message.js'
export { SendReplyMessage, SendReplyMessageV2 } from './commands/send-message.js'
export { buildSubscriptionData } from './commands/subscription-data.js'
export { decodeSubscriptionGroupConfig, decodeSubscriptionGroupList } from './commands/subscription-group-config.js'
export { decodeSubscriptionGroupWrapper, defaultSubscriptionGroupConfig } from './commands/subscription-group-config.js'
export { encodeSubscriptionGroupConfig, encodeSubscriptionGroupList } from './commands/subscription-group-config.js'
export { encodeSubscriptionGroupWrapper, type GroupRetryPolicy } from './commands/subscription-group-config.js'
export { readSubscriptionGroupConfig, readSubscriptionGroupWrapper } from './commands/subscription-group-config.js'
export { type SimpleSubscriptionData, type SubscriptionGroupConfig } from './commands/subscription-group-config.js'
export { subscriptionGroupConfigRecord, type SubscriptionGroupList } from './commands/subscription-group-config.js'
export { type SubscriptionGroupWrapper, subscriptionGroupWrapperRecord } from './commands/subscription-group-config.js'
export { DeleteSubscriptionGroup } from './commands/subscription-group.js'
export { GetAllSubscriptionGroupConfig } from './commands/subscription-group.js'
export { GetSubscriptionGroupConfig } from './commands/subscription-group.js'
export { UpdateAndCreateSubscriptionGroup } from './commands/subscription-group.js'
export { UpdateAndCreateSubscriptionGroupList, UpdateAndGetGroupForbidden } from './commands/subscription-group.js'
export { CleanUnusedTopic, DeleteTopicInBroker } from './commands/topic-admin.js'
export { GetAllTopicConfig } from './commands/topic-admin.js'
export { GetSystemTopicListFromBroker, GetTopicConfig } from './commands/topic-admin.js'
export { GetTopicStatsInfo, UpdateAndCreateStaticTopic } from './commands/topic-admin.js'
export { UpdateAndCreateTopic, UpdateAndCreateTopicList } from './commands/topic-admin.js'
export { type CreateTopicListBody, decodeCreateTopicListBody } from './commands/topic-config.js'
export { decodeTopicConfigAndMappingWrapper, decodeTopicConfigAndQueueMapping } from './commands/topic-config.js'
export { decodeTopicConfigWrapper, encodeCreateTopicListBody } from './commands/topic-config.js'
export { encodeTopicConfigAndMappingWrapper, encodeTopicConfigAndQueueMapping } from './commands/topic-config.js'
export { encodeTopicConfigWrapper, readTopicConfig, readTopicConfigWrapper } from './commands/topic-config.js'
export { type TopicConfig, type TopicConfigAndMappingWrapper } from './commands/topic-config.js'
export { type TopicConfigAndQueueMapping, topicConfigRecord } from './commands/topic-config.js'
export { type TopicConfigSerializeWrapper, topicConfigWrapperRecord } from './commands/topic-config.js'
export { type TopicFilterType } from './commands/topic-config.js'
export { type LogicQueueMappingItem, type TopicQueueMappingDetail } from './commands/topic-queue-mapping.js'
export { type TopicQueueMappingInfo } from './commands/topic-queue-mapping.js'
export { type BrokerData, decodeTopicRouteData, encodeTopicRouteData } from './commands/topic-route-data.js'
export { type QueueData, type TopicRouteData, type TopicRouteForm } from './commands/topic-route-data.js'
export { DeleteTopicInNamesrv, GetRouteInfoByTopic } from './commands/topic-route.js'
export { RegisterTopicInNamesrv } from './commands/topic-route.js'
export { CheckTransactionState, EndTransaction } from './commands/transaction.js'
export { ResumeCheckHalfMessage } from './commands/transaction.js'
export { type ErrorEntry, FrameError, MessageFormatError, MqError, type MqErrorOptions } from './errors.js'
export { RemotingCommandError, RemotingConnectError, type RemotingErrorOptions, remotingErrors } from './errors.js'
export { RemotingSendRequestError, RemotingTimeoutError, RemotingTooMuchRequestError } from './errors.js'
export { ResponseCodeError, type ResponseCodeErrorOptions } from './errors.js'
export { type Logger, silentLogger } from './logger.js'
export { SlotList } from './slot-list.js'
export { type Access, type Command, type CommandDefinition, type CommandDescription } from './schema/command.js'
export { defineCommand, type RequestInput, type RequestOf, type ResponseInput } from './schema/command.js'
export { type ResponseOf, type Server } from './schema/command.js'
export { createExtFields, type ExtFields } from './schema/ext-fields.js'
export { boolean, enumeration, type Field, type FieldKind, type Fields } from './schema/field.js'
export { float64, int32, int64, optional, type Presence } from './schema/field.js'
export { renamed, string, wireName, withDefault } from './schema/field.js'
export { compileHeader, type HeaderCodec, type HeaderInput, type HeaderValues } from './schema/header.js'

// --- message ---
export { CompressionError } from './errors.js'
export type { BodyCompression, BodyCompressions } from './message/body-compression.js'
export { type CompressOptions, compress, type DecompressOptions, decompress } from './message/compression.js'
export { isBuiltInCompression } from './message/compression.js'
export { crc32 } from './message/crc32.js'
export {
  formatHostAddress,
  formatIp,
  type HostAddress,
  isIPv6Address,
  parseHostAddress,
  parseIp,
} from './message/host-address.js'
export type { Message, MessageExt, MessageExtBatch, MessageExtBrokerInner } from './message/message.js'
export { decodeMessageBatch, encodeMessageBatch, type MessageBatchEntry } from './message/message-batch.js'
export { createOffsetMessageId, decodeOffsetMessageId, type OffsetMessageId } from './message/message-id.js'
export {
  decodeProperties,
  encodeProperties,
  isEncodingOf,
  MAX_PROPERTIES_BYTES,
  type MessageProperties,
  NAME_VALUE_SEPARATOR,
  PROPERTY_SEPARATOR,
} from './message/message-properties.js'
export { type ReadRecordOptions, readRecord, readRecords } from './message/message-record.js'
export {
  compressionTypesOfRecords,
  type PulledRecords,
  type ReadPulledRecordsOptions,
  readPulledRecords,
  type UndecodableRecord,
} from './message/pulled-records.js'
export { withNamespace, withoutNamespace } from './message/namespace.js'
export { PropertyName, reservedPropertyNames, TRANSIENT_PROPERTY_PREFIX } from './message/property-name.js'
export { CRC_PROPERTY_SIZE, hasValidCrcProperty, writeCrcProperty } from './message/record-crc-property.js'
export {
  BLANK_HEAD_SIZE,
  BLANK_MAGIC_CODE,
  MAX_V1_TOPIC_LENGTH,
  MESSAGE_MAGIC_CODE_V1,
  MESSAGE_MAGIC_CODE_V2,
  MIN_RECORD_SIZE,
  type RecordField,
  type RecordFieldName,
  type RecordSizes,
  recordFieldOffset,
  recordLayout,
  recordSize,
} from './message/record-layout.js'
export {
  encodedRecordSize,
  patchPhysicalOffset,
  patchQueueOffset,
  patchStoreTimestamp,
  type RecordFields,
  writeBlank,
  writeRecord,
} from './message/record-writer.js'
export {
  type BlankRecord,
  type CheckedRecord,
  type CheckRecordOptions,
  checkRecord,
  type InvalidRecord,
  type RecordCheck,
} from './message/checked-record.js'
export {
  type CompressionType,
  compressionTypeOf,
  SystemFlag,
  transactionValueOf,
  withCompression,
  withTransactionValue,
} from './message/system-flag.js'
export { extendJavaStringHash, javaStringHash, tagsCodeOf } from './message/tags-code.js'
export {
  AUTO_CREATE_TOPIC_KEY_TOPIC,
  DLQ_TOPIC_PREFIX,
  deadLetterTopic,
  isForbiddenTopic,
  isRetryTopic,
  isSystemGroup,
  isSystemTopic,
  LMQ_PREFIX,
  MAX_GROUP_LENGTH,
  MAX_TOPIC_LENGTH,
  RETRY_TOPIC_PREFIX,
  retryGroup,
  retryTopic,
  SYSTEM_GROUP_PREFIX,
  SYSTEM_TOPIC_PREFIX,
  SystemTopic,
  systemTopics,
  validateGroup,
  validateTopic,
} from './message/topic-name.js'
export {
  UniqueIdGenerator,
  type UniqueIdGeneratorOptions,
  type UniqueIdRuntime,
} from './message/unique-id-generator.js'

// --- transport, runtime ---
export { nodeRuntime } from './runtime/node-runtime.js'
export type {
  AfterOptions,
  ByteStream,
  Clock,
  ConnectOptions,
  Endpoint,
  EveryOptions,
  Listener,
  ListenOptions,
  Network,
  Random,
  Runtime,
  StreamReceiver,
  Timer,
  Timers,
} from './runtime/runtime.js'
export { parseAddress, formatAddress } from './transport/address.js'
export { type Answer, type AnswerContent, answer, deferred, ResponseError } from './transport/answer.js'
export type {
  InvokeOutcome,
  RemotingClientOptions,
  TypedInvokeOptions,
  TypedResponse,
} from './transport/client-options.js'
export { LARGEST_COPIED_BODY, type Connection } from './transport/connection.js'
export type { InvokeOptions } from './transport/connection-call.js'
export type { ConnectionEvent } from './transport/diagnostics.js'
export type { Handler, HandlerOptions, HandlerResult, HandlerTable, RequestContext } from './transport/handler-table.js'
export { RemotingClient } from './transport/remoting-client.js'
export { type CloseOptions, RemotingServer, type RemotingServerOptions } from './transport/remoting-server.js'
export { requestName, responseName } from './transport/request-name.js'
export type { RpcHook } from './transport/rpc-hook.js'
export { defaultServerLimits, type ServerLimits } from './transport/server-limits.js'
