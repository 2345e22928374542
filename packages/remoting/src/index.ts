// --- errors, logger, schema, commands, codec ---
export { parseJavaJson, type JsonObject } from './codec/java-json-parser.js'
export { javaDouble, type JavaJsonOptions, JavaNumber, stringifyJavaJson } from './codec/java-json-writer.js'
export { RequestCode } from './commands/request-code.js'
export { ResponseCode } from './commands/response-code.js'
export { type RpcRequest, rpcFields, type TopicRequest, topicFields } from './commands/rpc-fields.js'
export {
  ConsumerSendMsgBack,
  type ConsumerSendMsgBackRequest,
  PushReplyMessageToClient,
  type PushReplyMessageRequest,
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
export { ByteWriter } from './codec/byte-writer.js'
export { FrameDecoder, type FrameDecoderOptions } from './codec/frame-decoder.js'
export { encodeFrame, encodeFrameHeadInto, encodeFrameInto } from './codec/frame-encoder.js'
export { maxExtFieldCount } from './codec/header-json.js'
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
  type ErrorEntry,
  FrameError,
  MessageFormatError,
  MqError,
  type MqErrorOptions,
  RemotingCommandError,
  RemotingConnectError,
  type RemotingErrorOptions,
  RemotingSendRequestError,
  RemotingTimeoutError,
  RemotingTooMuchRequestError,
  remotingErrors,
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
