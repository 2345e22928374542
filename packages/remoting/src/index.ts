// --- errors, logger, schema, commands, codec ---
export { ByteWriter } from './codec/byte-writer.js'
export { FrameDecoder, type FrameDecoderOptions } from './codec/frame-decoder.js'
export { encodeFrame, encodeFrameHeadInto, encodeFrameInto } from './codec/frame-encoder.js'
export { type JsonObject, parseJavaJson } from './codec/java-json-parser.js'
export { javaDouble, type JavaJsonOptions, stringifyJavaJson } from './codec/java-json-writer.js'
export { LanguageCode, languageCode, languageName } from './codec/language-code.js'
export { CURRENT_VERSION, protocolVersion, protocolVersionName } from './codec/protocol-version.js'
export {
  createRequest,
  createResponse,
  ONEWAY_FLAG,
  RemotingCommand,
  type RequestContent,
  RESPONSE_FLAG,
  type ResponseContent,
  type SerializeType,
} from './codec/remoting-command.js'
export {
  type AclRequest,
  AuthCreateAcl,
  AuthCreateUser,
  AuthDeleteAcl,
  AuthDeleteUser,
  AuthGetAcl,
  AuthGetUser,
  AuthListAcl,
  AuthListUser,
  AuthUpdateAcl,
  AuthUpdateUser,
  type DeleteAclRequest,
  type ListAclsRequest,
  type UserRequest,
} from './commands/auth.js'
export {
  CheckRocksdbCqWriteProgress,
  type CheckRocksdbCqWriteProgressRequest,
  CleanExpiredConsumeQueue,
  DeleteExpiredCommitLog,
  ExportRocksDBConfigToJson,
  type ExportRocksDBConfigToJsonRequest,
  GetBrokerConfig,
  GetBrokerRuntimeInfo,
  GetColdDataFlowCtrInfo,
  GetTimerCheckPoint,
  GetTimerMetrics,
  RemoveColdDataFlowCtrConfig,
  SetCommitLogReadMode,
  UpdateBrokerConfig,
  UpdateColdDataFlowCtrConfig,
  ViewBrokerStatsData,
  type ViewBrokerStatsDataRequest,
} from './commands/broker-admin.js'
export {
  BrokerHeartbeat,
  type BrokerHeartbeatRequest,
  type BrokerIdentity,
  GetBrokerMemberGroup,
  type GetBrokerMemberGroupRequest,
  NotifyMinBrokerIdChange,
  type NotifyMinBrokerIdChangeRequest,
  QueryDataVersion,
  RegisterBroker,
  type RegisterBrokerRequest,
  type RegisterBrokerResponse,
  UnregisterBroker,
} from './commands/broker-registration.js'
export {
  type ClientConnection,
  type ConsumerConnection,
  type ConsumerConnectionRequest,
  decodeConsumerConnection,
  decodeProducerConnection,
  decodeProducerTableInfo,
  encodeConsumerConnection,
  encodeProducerConnection,
  encodeProducerTableInfo,
  GetAllProducerInfo,
  GetConsumerConnectionList,
  GetProducerConnectionList,
  type ProducerConnection,
  type ProducerGroupRequest,
  type ProducerInfo,
  type ProducerTableInfo,
} from './commands/client-connections.js'
export {
  type BrokerMemberGroup,
  type ClusterInfo,
  decodeBrokerMemberGroup,
  decodeClusterInfo,
  encodeBrokerMemberGroup,
  encodeClusterInfo,
  GetBrokerClusterInfo,
} from './commands/cluster-info.js'
export { allCommands, commandByCode } from './commands/command-table.js'
export {
  ConsumeMessageDirectly,
  type ConsumeMessageDirectlyRequest,
  GetBrokerConsumeStats,
  GetConsumerRunningInfo,
  type GetConsumerRunningInfoRequest,
  GetConsumeStats,
  type GetConsumeStatsRequest,
  QueryConsumeTimeSpan,
  type QueryConsumeTimeSpanRequest,
  QuerySubscriptionByConsumer,
  type QuerySubscriptionByConsumerRequest,
  QueryTopicConsumeByWho,
  type QueryTopicConsumeByWhoRequest,
  QueryTopicsByConsumer,
  type QueryTopicsByConsumerRequest,
} from './commands/consumer-admin.js'
export {
  CloneGroupOffset,
  type CloneGroupOffsetRequest,
  GetAllConsumerOffset,
  GetAllDelayOffset,
  GetConsumerStatusFromClient,
  type GetConsumerStatusRequest,
  InvokeBrokerToGetConsumerStatus,
  InvokeBrokerToResetOffset,
  QueryConsumerOffset,
  type QueryConsumerOffsetRequest,
  QueryCorrectionOffset,
  type QueryCorrectionOffsetRequest,
  ResetConsumerClientOffset,
  type ResetOffsetRequest,
  UpdateConsumerOffset,
  type UpdateConsumerOffsetRequest,
} from './commands/consumer-offset.js'
export {
  type AlterSyncStateSetRequest,
  type ApplyBrokerIdRequest,
  CleanBrokerData,
  type CleanBrokerDataRequest,
  type ClusterAndBroker,
  ControllerAlterSyncStateSet,
  ControllerApplyBrokerId,
  ControllerElectMaster,
  ControllerGetMetadataInfo,
  ControllerGetNextBrokerId,
  ControllerGetReplicaInfo,
  ControllerGetSyncStateData,
  ControllerRegisterBroker,
  type ElectMasterRequest,
  type ElectMasterResponse,
  GetControllerConfig,
  type GetMetaDataResponse,
  type GetNextBrokerIdResponse,
  type RegisterBrokerToControllerRequest,
  type RegisterBrokerToControllerResponse,
  type ReplicaMaster,
  UpdateControllerConfig,
} from './commands/controller.js'
export {
  type DataVersion,
  dataVersionRecord,
  decodeDataVersion,
  encodeDataVersion,
  isSameDataVersion,
  nextDataVersion,
  readDataVersion,
} from './commands/data-version.js'
export {
  type ConsumeFromWhere,
  type ConsumerData,
  type ConsumeType,
  decodeHeartbeatData,
  encodeHeartbeatData,
  type HeartbeatData,
  type MessageModel,
  type ProducerData,
  type SubscriptionData,
} from './commands/heartbeat-data.js'
export {
  CheckClientConfig,
  type ConsumerGroupRequest,
  GetConsumerListByGroup,
  Heartbeat,
  type HeartbeatResponse,
  NotifyConsumerIdsChanged,
  UnregisterClient,
  type UnregisterClientRequest,
} from './commands/heartbeat.js'
export { type MessageQueue } from './commands/message-queue.js'
export {
  type ConsumerList,
  decodeConsumerList,
  decodeGroupList,
  decodeKVTable,
  decodeTopicList,
  encodeConsumerList,
  encodeGroupList,
  encodeKVTable,
  encodeTopicList,
  type GroupList,
  type KVTable,
  type TopicList,
} from './commands/name-lists.js'
export {
  DeleteKVConfig,
  GetKVConfig,
  GetKVListByNamespace,
  GetNamesrvConfig,
  type KVConfigKey,
  PutKVConfig,
  type PutKVConfigRequest,
  UpdateNamesrvConfig,
} from './commands/name-server-config.js'
export {
  AddWritePermOfBroker,
  GetAllTopicListFromNameserver,
  GetHasUnitSubTopicList,
  GetHasUnitSubUnunitTopicList,
  GetSystemTopicListFromNs,
  GetTopicsByCluster,
  GetUnitTopicList,
  WipeWritePermOfBroker,
} from './commands/name-server-topics.js'
export {
  type ConsumeOffset,
  type ConsumeStats,
  decodeConsumeStats,
  decodeTopicStatsTable,
  encodeConsumeStats,
  encodeTopicStatsTable,
  type TopicOffset,
  type TopicStatsTable,
} from './commands/offset-tables.js'
export {
  AckMessage,
  type AckMessageRequest,
  BatchAckMessage,
  type ChangeInvisibleTimeRequest,
  type ChangeInvisibleTimeResponse,
  ChangeMessageInvisibleTime,
  Notification,
  type NotificationRequest,
  type NotificationResponse,
  PeekMessage,
  type PeekMessageRequest,
  PollingInfo,
  type PollingInfoRequest,
  PopMessage,
  type PopMessageRequest,
  type PopMessageResponse,
  PopRollback,
} from './commands/pop-message.js'
export {
  LitePullMessage,
  PullMessage,
  type PullMessageRequest,
  type PullMessageResponse,
} from './commands/pull-message.js'
export {
  QueryMessage,
  type QueryMessageRequest,
  type QueryMessageResponse,
  ViewMessageById,
  type ViewMessageRequest,
} from './commands/query-message.js'
export {
  GetAllMessageRequestMode,
  LockBatchMQ,
  QueryAssignment,
  SetMessageRequestMode,
  UnlockBatchMQ,
} from './commands/queue-lock.js'
export {
  type BoundaryType,
  GetEarliestMsgStoretime,
  GetMaxOffset,
  type GetMaxOffsetRequest,
  GetMinOffset,
  QueryConsumeQueue,
  type QueryConsumeQueueRequest,
  type QueueRequest,
  SearchOffsetByTimestamp,
  type SearchOffsetRequest,
} from './commands/queue-offset.js'
export {
  decodeRegisterBrokerBody,
  encodeRegisterBrokerBody,
  type RegisterBrokerBody,
  type RegisterBrokerForm,
} from './commands/register-broker-body.js'
export {
  AddBroker,
  type AddBrokerRequest,
  ExchangeBrokerHaInfo,
  GetBrokerEpochCache,
  GetBrokerHaStatus,
  NotifyBrokerRoleChanged,
  type NotifyBrokerRoleChangedRequest,
  RemoveBroker,
  type RemoveBrokerRequest,
  ResetMasterFlushOffset,
} from './commands/replication.js'
export { RequestCode } from './commands/request-code.js'
export { ResponseCode } from './commands/response-code.js'
export { retiredCommands } from './commands/retired-commands.js'
export { rpcFields, type RpcRequest, topicFields, type TopicRequest } from './commands/rpc-fields.js'
export {
  ConsumerSendMsgBack,
  type ConsumerSendMsgBackRequest,
  type PushReplyMessageRequest,
  PushReplyMessageToClient,
  RecallMessage,
  type RecallMessageRequest,
  SendBatchMessage,
  SendMessage,
  type SendMessageRequest,
  type SendMessageResponse,
  SendMessageV2,
  SendReplyMessage,
  SendReplyMessageV2,
} from './commands/send-message.js'
export {
  decodeSubscriptionGroupConfig,
  decodeSubscriptionGroupList,
  decodeSubscriptionGroupWrapper,
  defaultSubscriptionGroupConfig,
  encodeSubscriptionGroupConfig,
  encodeSubscriptionGroupList,
  encodeSubscriptionGroupWrapper,
  type GroupRetryPolicy,
  readSubscriptionGroupConfig,
  readSubscriptionGroupWrapper,
  type SimpleSubscriptionData,
  type SubscriptionGroupConfig,
  subscriptionGroupConfigRecord,
  type SubscriptionGroupList,
  type SubscriptionGroupWrapper,
  subscriptionGroupWrapperRecord,
} from './commands/subscription-group-config.js'
export {
  DeleteSubscriptionGroup,
  type DeleteSubscriptionGroupRequest,
  GetAllSubscriptionGroupConfig,
  type GetAllSubscriptionGroupRequest,
  type GetAllSubscriptionGroupResponse,
  GetSubscriptionGroupConfig,
  type GetSubscriptionGroupConfigRequest,
  UpdateAndCreateSubscriptionGroup,
  UpdateAndCreateSubscriptionGroupList,
  UpdateAndGetGroupForbidden,
  type UpdateGroupForbiddenRequest,
} from './commands/subscription-group.js'
export {
  CleanUnusedTopic,
  type CreateTopicRequest,
  DeleteTopicInBroker,
  GetAllTopicConfig,
  type GetAllTopicConfigRequest,
  type GetAllTopicConfigResponse,
  GetSystemTopicListFromBroker,
  GetTopicConfig,
  GetTopicStatsInfo,
  type TopicNameRequest,
  UpdateAndCreateStaticTopic,
  UpdateAndCreateTopic,
  UpdateAndCreateTopicList,
} from './commands/topic-admin.js'
export {
  type CreateTopicListBody,
  decodeCreateTopicListBody,
  decodeTopicConfigAndMappingWrapper,
  decodeTopicConfigAndQueueMapping,
  decodeTopicConfigWrapper,
  encodeCreateTopicListBody,
  encodeTopicConfigAndMappingWrapper,
  encodeTopicConfigAndQueueMapping,
  encodeTopicConfigWrapper,
  readTopicConfig,
  readTopicConfigWrapper,
  type TopicConfig,
  type TopicConfigAndMappingWrapper,
  type TopicConfigAndQueueMapping,
  topicConfigRecord,
  type TopicConfigSerializeWrapper,
  topicConfigWrapperRecord,
  type TopicFilterType,
} from './commands/topic-config.js'
export {
  type LogicQueueMappingItem,
  type TopicQueueMappingDetail,
  type TopicQueueMappingInfo,
} from './commands/topic-queue-mapping.js'
export {
  type BrokerData,
  decodeTopicRouteData,
  encodeTopicRouteData,
  type QueueData,
  type TopicRouteData,
  type TopicRouteForm,
} from './commands/topic-route-data.js'
export {
  DeleteTopicInNamesrv,
  type DeleteTopicInNamesrvRequest,
  GetRouteInfoByTopic,
  type GetRouteInfoRequest,
  RegisterTopicInNamesrv,
  type RegisterTopicRequest,
} from './commands/topic-route.js'
export {
  CheckTransactionState,
  type CheckTransactionStateRequest,
  EndTransaction,
  type EndTransactionRequest,
  ResumeCheckHalfMessage,
  type ResumeCheckHalfMessageRequest,
} from './commands/transaction.js'
export {
  type ErrorEntry,
  FrameError,
  MessageFormatError,
  MqError,
  type MqErrorOptions,
  RemotingCommandError,
  RemotingConnectError,
  type RemotingErrorOptions,
  remotingErrors,
  RemotingSendRequestError,
  RemotingTimeoutError,
  RemotingTooMuchRequestError,
  ResponseCodeError,
  type ResponseCodeErrorOptions,
} from './errors.js'
export { type Logger, silentLogger } from './logger.js'
export {
  type Access,
  type Command,
  type CommandDefinition,
  type CommandDescription,
  defineCommand,
  type RequestInput,
  type RequestOf,
  type ResponseInput,
  type ResponseOf,
  type Server,
} from './schema/command.js'
export { createExtFields, type ExtFields } from './schema/ext-fields.js'
export {
  boolean,
  type Default,
  enumeration,
  type Field,
  type FieldKind,
  type Fields,
  type FieldsFor,
  float64,
  int32,
  int64,
  type NoFields,
  optional,
  type Presence,
  renamed,
  string,
  wireName,
  withDefault,
} from './schema/field.js'
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
export { UniqueIdGenerator, type UniqueIdGeneratorOptions } from './message/unique-id-generator.js'

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
