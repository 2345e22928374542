export { DefaultMessageStore } from './default-message-store.js'
export { type DelayLevels, defaultMessageDelayLevel, parseDelayLevels } from './dispatch/delivery-time.js'
export {
  StoreClosedError,
  StoreLoadError,
  StoreLockedError,
  StoreOptionsError,
  StoreWriteError,
  storeErrors,
} from './errors.js'
export type {
  DirectoryEntry,
  DirectoryLock,
  FileHandle,
  FileStat,
  FileSystem,
  OpenOptions,
  VolumeSpace,
} from './file-system/file-system.js'
export { nodeFileSystem } from './file-system/node-file-system.js'
export type {
  BoundaryType,
  GetMessageRequest,
  GetMessageResult,
  GetMessageStatus,
  MessageArrival,
  MessageFilter,
  MessageInput,
  MessageStore,
  OffsetByTimeQuery,
  PutMessageHook,
  PutMessageRefusal,
  PutMessageResult,
  PutMessageStatus,
  QueryMessageRequest,
  QueryMessageResult,
  QueuedMessage,
  ReadConsumeQueueRequest,
  ReadConsumeQueueResult,
} from './message-store.js'
export type { BrokerRole, FlushDiskType, MessageStoreConfig, MessageStoreOptions } from './message-store-options.js'
export type { RunningFlags } from './running-flags.js'
