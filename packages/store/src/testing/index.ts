export {
  type Fault,
  InMemoryFileSystem,
  type InMemoryFileSystemOptions,
  type Operation,
  type OperationKind,
} from './in-memory-file-system.js'
