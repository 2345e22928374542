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
export { type AclRequest, AuthCreateAcl, AuthCreateUser, AuthDeleteAcl, AuthDeleteUser } from './commands/auth.js'
export { AuthGetAcl, AuthGetUser, AuthListAcl, AuthListUser, AuthUpdateAcl, AuthUpdateUser } from './commands/auth.js'
export { type DeleteAclRequest, type ListAclsRequest, type UserRequest } from './commands/auth.js'
export { CheckRocksdbCqWriteProgress, type CheckRocksdbCqWriteProgressRequest } from './commands/broker-admin.js'
export { CleanExpiredConsumeQueue, DeleteExpiredCommitLog, ExportRocksDBConfigToJson } from './commands/broker-admin.js'
export { type ExportRocksDBConfigToJsonRequest, GetBrokerConfig } from './commands/broker-admin.js'
export { GetBrokerRuntimeInfo, GetColdDataFlowCtrInfo, GetTimerCheckPoint } from './commands/broker-admin.js'
export { GetTimerMetrics, RemoveColdDataFlowCtrConfig, SetCommitLogReadMode } from './commands/broker-admin.js'
export { UpdateBrokerConfig, UpdateColdDataFlowCtrConfig, ViewBrokerStatsData } from './commands/broker-admin.js'
export { type ViewBrokerStatsDataRequest } from './commands/broker-admin.js'
export { BrokerHeartbeat, type BrokerHeartbeatRequest, type BrokerIdentity } from './commands/broker-registration.js'
export { GetBrokerMemberGroup, type GetBrokerMemberGroupRequest } from './commands/broker-registration.js'
export { NotifyMinBrokerIdChange, type NotifyMinBrokerIdChangeRequest } from './commands/broker-registration.js'
export { QueryDataVersion, RegisterBroker, type RegisterBrokerRequest } from './commands/broker-registration.js'
export { type RegisterBrokerResponse, UnregisterBroker } from './commands/broker-registration.js'
export { type ClientConnection, type ConsumerConnection } from './commands/client-connections.js'
export { type ConsumerConnectionRequest, decodeConsumerConnection } from './commands/client-connections.js'
export { decodeProducerConnection, decodeProducerTableInfo } from './commands/client-connections.js'
export { encodeConsumerConnection, encodeProducerConnection } from './commands/client-connections.js'
export { encodeProducerTableInfo, GetAllProducerInfo } from './commands/client-connections.js'
export { GetConsumerConnectionList, GetProducerConnectionList } from './commands/client-connections.js'
export { type ProducerConnection, type ProducerGroupRequest, type ProducerInfo } from './commands/client-connections.js'
export { type ProducerTableInfo } from './commands/client-connections.js'
export { type BrokerMemberGroup, type ClusterInfo, decodeBrokerMemberGroup } from './commands/cluster-info.js'
export { decodeClusterInfo, encodeBrokerMemberGroup, encodeClusterInfo } from './commands/cluster-info.js'
export { GetBrokerClusterInfo } from './commands/cluster-info.js'
export { allCommands, commandByCode } from './commands/command-table.js'
export { ConsumeMessageDirectly, type ConsumeMessageDirectlyRequest } from './commands/consumer-admin.js'
export { GetBrokerConsumeStats, GetConsumerRunningInfo } from './commands/consumer-admin.js'
export { type GetConsumerRunningInfoRequest, GetConsumeStats } from './commands/consumer-admin.js'
export { type GetConsumeStatsRequest, QueryConsumeTimeSpan } from './commands/consumer-admin.js'
export { type QueryConsumeTimeSpanRequest, QuerySubscriptionByConsumer } from './commands/consumer-admin.js'
export { type QuerySubscriptionByConsumerRequest, QueryTopicConsumeByWho } from './commands/consumer-admin.js'
export { type QueryTopicConsumeByWhoRequest, QueryTopicsByConsumer } from './commands/consumer-admin.js'
export { type QueryTopicsByConsumerRequest } from './commands/consumer-admin.js'
export { CloneGroupOffset, type CloneGroupOffsetRequest, GetAllConsumerOffset } from './commands/consumer-offset.js'
export { GetAllDelayOffset, GetConsumerStatusFromClient } from './commands/consumer-offset.js'
export { type GetConsumerStatusRequest, InvokeBrokerToGetConsumerStatus } from './commands/consumer-offset.js'
export { InvokeBrokerToResetOffset, QueryConsumerOffset } from './commands/consumer-offset.js'
export { type QueryConsumerOffsetRequest, QueryCorrectionOffset } from './commands/consumer-offset.js'
export { type QueryCorrectionOffsetRequest, ResetConsumerClientOffset } from './commands/consumer-offset.js'
export { type ResetOffsetRequest, UpdateConsumerOffset } from './commands/consumer-offset.js'
export { type UpdateConsumerOffsetRequest } from './commands/consumer-offset.js'
export { type AlterSyncStateSetRequest, type ApplyBrokerIdRequest, CleanBrokerData } from './commands/controller.js'
export { type CleanBrokerDataRequest, type ClusterAndBroker } from './commands/controller.js'
export { ControllerAlterSyncStateSet, ControllerApplyBrokerId, ControllerElectMaster } from './commands/controller.js'
export { ControllerGetMetadataInfo, ControllerGetNextBrokerId } from './commands/controller.js'
export { ControllerGetReplicaInfo, ControllerGetSyncStateData } from './commands/controller.js'
export { ControllerRegisterBroker, type ElectMasterRequest, type ElectMasterResponse } from './commands/controller.js'
export { GetControllerConfig, type GetMetaDataResponse, type GetNextBrokerIdResponse } from './commands/controller.js'
export { type RegisterBrokerToControllerRequest } from './commands/controller.js'
export { type RegisterBrokerToControllerResponse, type ReplicaMaster } from './commands/controller.js'
export { UpdateControllerConfig } from './commands/controller.js'
export { type DataVersion, dataVersionRecord, decodeDataVersion, encodeDataVersion } from './commands/data-version.js'
export { isSameDataVersion, nextDataVersion, readDataVersion } from './commands/data-version.js'
export { type ConsumeFromWhere, type ConsumerData, type ConsumeType } from './commands/heartbeat-data.js'
export { decodeHeartbeatData, encodeHeartbeatData, type HeartbeatData } from './commands/heartbeat-data.js'
export { type MessageModel, type ProducerData, type SubscriptionData } from './commands/heartbeat-data.js'
export { CheckClientConfig, type ConsumerGroupRequest, GetConsumerListByGroup } from './commands/heartbeat.js'
export { Heartbeat, type HeartbeatResponse, NotifyConsumerIdsChanged, UnregisterClient } from './commands/heartbeat.js'
export { type UnregisterClientRequest } from './commands/heartbeat.js'
export { type MessageQueue } from './commands/message-queue.js'
export { type ConsumerList, decodeConsumerList, decodeGroupList, decodeKVTable } from './commands/name-lists.js'
export { decodeTopicList, encodeConsumerList, encodeGroupList, encodeKVTable } from './commands/name-lists.js'
export { encodeTopicList, type GroupList, type KVTable, type TopicList } from './commands/name-lists.js'
export { DeleteKVConfig, GetKVConfig, GetKVListByNamespace, GetNamesrvConfig } from './commands/name-server-config.js'
export { type KVConfigKey, PutKVConfig, type PutKVConfigRequest } from './commands/name-server-config.js'
export { UpdateNamesrvConfig } from './commands/name-server-config.js'
export { AddWritePermOfBroker, GetAllTopicListFromNameserver } from './commands/name-server-topics.js'
export { GetHasUnitSubTopicList, GetHasUnitSubUnunitTopicList } from './commands/name-server-topics.js'
export { GetSystemTopicListFromNs, GetTopicsByCluster, GetUnitTopicList } from './commands/name-server-topics.js'
export { WipeWritePermOfBroker } from './commands/name-server-topics.js'
export { type ConsumeOffset, type ConsumeStats, decodeConsumeStats } from './commands/offset-tables.js'
export { decodeTopicStatsTable, encodeConsumeStats, encodeTopicStatsTable } from './commands/offset-tables.js'
export { type TopicOffset, type TopicStatsTable } from './commands/offset-tables.js'
export { AckMessage, type AckMessageRequest, BatchAckMessage } from './commands/pop-message.js'
export { type ChangeInvisibleTimeRequest, type ChangeInvisibleTimeResponse } from './commands/pop-message.js'
export { ChangeMessageInvisibleTime, Notification, type NotificationRequest } from './commands/pop-message.js'
export { type NotificationResponse, PeekMessage, type PeekMessageRequest, PollingInfo } from './commands/pop-message.js'
export { type PollingInfoRequest, PopMessage, type PopMessageRequest } from './commands/pop-message.js'
export { type PopMessageResponse, PopRollback } from './commands/pop-message.js'
export { LitePullMessage, PullMessage, type PullMessageRequest } from './commands/pull-message.js'
export { type PullMessageResponse, PullSystemFlag } from './commands/pull-message.js'
export { QueryMessage, type QueryMessageRequest, type QueryMessageResponse } from './commands/query-message.js'
export { ViewMessageById, type ViewMessageRequest } from './commands/query-message.js'
export { GetAllMessageRequestMode, LockBatchMQ, QueryAssignment, SetMessageRequestMode } from './commands/queue-lock.js'
export { UnlockBatchMQ } from './commands/queue-lock.js'
export { type BoundaryType, GetEarliestMsgStoretime, GetMaxOffset } from './commands/queue-offset.js'
export { type GetMaxOffsetRequest, GetMinOffset, QueryConsumeQueue } from './commands/queue-offset.js'
export { type QueryConsumeQueueRequest, type QueueRequest, SearchOffsetByTimestamp } from './commands/queue-offset.js'
export { type SearchOffsetRequest } from './commands/queue-offset.js'
export { decodeRegisterBrokerBody, encodeRegisterBrokerBody } from './commands/register-broker-body.js'
export { type RegisterBrokerBody, type RegisterBrokerForm } from './commands/register-broker-body.js'
export { AddBroker, type AddBrokerRequest, ExchangeBrokerHaInfo, GetBrokerEpochCache } from './commands/replication.js'
export { GetBrokerHaStatus, NotifyBrokerRoleChanged } from './commands/replication.js'
export { type NotifyBrokerRoleChangedRequest, RemoveBroker, type RemoveBrokerRequest } from './commands/replication.js'
export { ResetMasterFlushOffset } from './commands/replication.js'
export { RequestCode } from './commands/request-code.js'
export { ResponseCode } from './commands/response-code.js'
export { retiredCommands } from './commands/retired-commands.js'
export { rpcFields, type RpcRequest, topicFields, type TopicRequest } from './commands/rpc-fields.js'
export { ConsumerSendMsgBack, type ConsumerSendMsgBackRequest } from './commands/send-message.js'
export { type PushReplyMessageRequest, PushReplyMessageToClient, RecallMessage } from './commands/send-message.js'
export { type RecallMessageRequest, SendBatchMessage, SendMessage } from './commands/send-message.js'
export { type SendMessageRequest, type SendMessageResponse, SendMessageV2 } from './commands/send-message.js'
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
export { DeleteSubscriptionGroup, type DeleteSubscriptionGroupRequest } from './commands/subscription-group.js'
export { GetAllSubscriptionGroupConfig, type GetAllSubscriptionGroupRequest } from './commands/subscription-group.js'
export { type GetAllSubscriptionGroupResponse, GetSubscriptionGroupConfig } from './commands/subscription-group.js'
export { type GetSubscriptionGroupConfigRequest } from './commands/subscription-group.js'
export { UpdateAndCreateSubscriptionGroup } from './commands/subscription-group.js'
export { UpdateAndCreateSubscriptionGroupList, UpdateAndGetGroupForbidden } from './commands/subscription-group.js'
export { type UpdateGroupForbiddenRequest } from './commands/subscription-group.js'
export { CleanUnusedTopic, type CreateTopicRequest, DeleteTopicInBroker } from './commands/topic-admin.js'
export { GetAllTopicConfig, type GetAllTopicConfigRequest } from './commands/topic-admin.js'
export { type GetAllTopicConfigResponse, GetSystemTopicListFromBroker, GetTopicConfig } from './commands/topic-admin.js'
export { GetTopicStatsInfo, type TopicNameRequest, UpdateAndCreateStaticTopic } from './commands/topic-admin.js'
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
export { DeleteTopicInNamesrv, type DeleteTopicInNamesrvRequest, GetRouteInfoByTopic } from './commands/topic-route.js'
export { type GetRouteInfoRequest, RegisterTopicInNamesrv, type RegisterTopicRequest } from './commands/topic-route.js'
export { CheckTransactionState, type CheckTransactionStateRequest, EndTransaction } from './commands/transaction.js'
export { type EndTransactionRequest, ResumeCheckHalfMessage } from './commands/transaction.js'
export { type ResumeCheckHalfMessageRequest } from './commands/transaction.js'
export { type ErrorEntry, FrameError, MessageFormatError, MqError, type MqErrorOptions } from './errors.js'
export { RemotingCommandError, RemotingConnectError, type RemotingErrorOptions, remotingErrors } from './errors.js'
export { RemotingSendRequestError, RemotingTimeoutError, RemotingTooMuchRequestError } from './errors.js'
export { ResponseCodeError, type ResponseCodeErrorOptions } from './errors.js'
export { type Logger, silentLogger } from './logger.js'
export { type Access, type Command, type CommandDefinition, type CommandDescription } from './schema/command.js'
export { defineCommand, type RequestInput, type RequestOf, type ResponseInput } from './schema/command.js'
export { type ResponseOf, type Server } from './schema/command.js'
export { createExtFields, type ExtFields } from './schema/ext-fields.js'
export { boolean, type Default, enumeration, type Field, type FieldKind, type Fields } from './schema/field.js'
export { type FieldsFor, float64, int32, int64, type NoFields, optional, type Presence } from './schema/field.js'
export { renamed, string, wireName, withDefault } from './schema/field.js'
export { compileHeader, type HeaderCodec, type HeaderInput, type HeaderValues } from './schema/header.js'

// --- message ---
export { CompressionError } from './errors.js'
export { type CompressOptions, compress, type DecompressOptions, decompress } from './message/compression.js'
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
  MAX_PROPERTIES_BYTES,
  type MessageProperties,
  NAME_VALUE_SEPARATOR,
  PROPERTY_SEPARATOR,
} from './message/message-properties.js'
export { type ReadRecordOptions, readRecord, readRecords } from './message/message-record.js'
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
export { javaStringHash, tagsCodeOf } from './message/tags-code.js'
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
export type { Connection } from './transport/connection.js'
export type { InvokeOptions } from './transport/connection-call.js'
export type { ConnectionEvent } from './transport/diagnostics.js'
export type {
  Handler,
  HandlerOptions,
  HandlerResult,
  HandlerTable,
  RequestContext,
} from './transport/handler-table.js'
export { RemotingClient } from './transport/remoting-client.js'
export { type CloseOptions, RemotingServer, type RemotingServerOptions } from './transport/remoting-server.js'
export { requestName, responseName } from './transport/request-name.js'
export type { RpcHook } from './transport/rpc-hook.js'
export { defaultServerLimits, type ServerLimits } from './transport/server-limits.js'
