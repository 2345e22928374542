import { type ErrorEntry, MqError } from '@mq/remoting'

/** Every error that @mq/store throws, by code. Outcomes of a put are statuses (`PutMessageStatus`), not errors. */
export const storeErrors: readonly ErrorEntry[] = [
  {
    code: 'STORE_LOCKED',
    retryable: false,
    meaning: 'Another process has the store directory open.',
    remedy: 'Stop the process that the message names, or give this broker another storePathRootDir.',
  },
  {
    code: 'STORE_LOAD_FAILED',
    retryable: false,
    meaning: 'The files on disk cannot be loaded with this configuration.',
    remedy: 'Set the file size that the message names, or remove the foreign file that it names from the store.',
  },
  {
    code: 'STORE_WRITE_FAILED',
    retryable: false,
    meaning: 'A write or a sync of a store file failed or was cut short; the store takes no more messages.',
    remedy: 'Repair or free the disk, then restart: recovery keeps everything that was acknowledged.',
  },
  {
    code: 'STORE_DISK_FULL',
    retryable: false,
    meaning: 'The volume of the store has no room left; the store takes no more messages.',
    remedy: 'Free space on the volume (shorten fileReservedTime, or move other data), then restart the broker.',
  },
  {
    code: 'STORE_CLOSED',
    retryable: false,
    meaning: 'The store was used before start or after close.',
    remedy: 'Open a new store on the same directory.',
  },
  {
    code: 'STORE_OPTIONS_INVALID',
    retryable: false,
    meaning: 'An option of the store has a value that cannot be used.',
    remedy: 'Change the option that the message names to a value in the range that it gives.',
  },
]

type Details = { readonly cause?: unknown; readonly fields?: Readonly<Record<string, unknown>> }

/** The store directory belongs to another living process. */
export class StoreLockedError extends MqError {
  constructor(message: string, details: Details = {}) {
    super(message, { code: 'STORE_LOCKED', retryable: false, ...details })
  }
}

/** The files on disk and the configuration do not fit together. */
export class StoreLoadError extends MqError {
  constructor(message: string, details: Details = {}) {
    super(message, { code: 'STORE_LOAD_FAILED', retryable: false, ...details })
  }
}

/** A write or a sync failed; `code` is `STORE_DISK_FULL` when the volume has no room, `STORE_WRITE_FAILED` otherwise. */
export class StoreWriteError extends MqError {
  constructor(message: string, details: Details = {}) {
    super(message, {
      code: isDiskFull(details.cause) ? 'STORE_DISK_FULL' : 'STORE_WRITE_FAILED',
      retryable: false,
      ...details,
    })
  }
}

/** The store is not open. */
export class StoreClosedError extends MqError {
  constructor(message: string, details: Details = {}) {
    super(message, { code: 'STORE_CLOSED', retryable: false, ...details })
  }
}

/** An option cannot be used. */
export class StoreOptionsError extends MqError {
  constructor(message: string, details: Details = {}) {
    super(message, { code: 'STORE_OPTIONS_INVALID', retryable: false, ...details })
  }
}

/** Whether a system error says that the volume (or the quota on it) is used up. */
export function isDiskFull(cause: unknown): boolean {
  const code = (cause as { code?: unknown } | null | undefined)?.code
  return code === 'ENOSPC' || code === 'EDQUOT' || code === 'STORE_DISK_FULL'
}
