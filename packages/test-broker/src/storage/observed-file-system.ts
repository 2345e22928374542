import type { FileHandle, FileSystem } from '@mq/store'

/** Answers the promise it is given and sees how long it takes. */
export type WorkObserver = <T>(work: Promise<T>) => Promise<T>

/** A file system whose work is seen while it is under way. */
export function observedFileSystem(fileSystem: FileSystem, observe: WorkObserver): FileSystem {
  return {
    open: async (path, options) => observedHandle(await observe(fileSystem.open(path, options)), observe),
    openSync: (path, options) => observedHandle(fileSystem.openSync(path, options), observe),
    makeDirectory: (path) => observe(fileSystem.makeDirectory(path)),
    makeDirectorySync: (path) => fileSystem.makeDirectorySync(path),
    list: (path) => observe(fileSystem.list(path)),
    stat: (path) => observe(fileSystem.stat(path)),
    readFile: (path) => observe(fileSystem.readFile(path)),
    writeFile: (path, content) => observe(fileSystem.writeFile(path, content)),
    rename: (from, to) => observe(fileSystem.rename(from, to)),
    unlink: (path) => observe(fileSystem.unlink(path)),
    removeDirectory: (path) => observe(fileSystem.removeDirectory(path)),
    syncDirectory: (path) => observe(fileSystem.syncDirectory(path)),
    volumeSpace: (path) => observe(fileSystem.volumeSpace(path)),
    lockDirectory: (directory) => observe(fileSystem.lockDirectory(directory)),
  }
}

function observedHandle(handle: FileHandle, observe: WorkObserver): FileHandle {
  return {
    path: handle.path,
    readSync: (target, position) => handle.readSync(target, position),
    read: (target, position) => observe(handle.read(target, position)),
    readCached(target, position) {
      const read = handle.readCached(target, position)
      return typeof read === 'number' ? read : observe(read)
    },
    writeSync: (bytes, position) => handle.writeSync(bytes, position),
    write: (bytes, position) => observe(handle.write(bytes, position)),
    datasync: () => observe(handle.datasync()),
    datasyncSync: () => handle.datasyncSync(),
    truncate: (sizeBytes) => observe(handle.truncate(sizeBytes)),
    size: () => observe(handle.size()),
    close: () => observe(handle.close()),
  }
}
