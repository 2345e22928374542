import { readStoredRecord } from '../commit-log/stored-message-reader.js'
import type { CommitLogReader } from '../dispatch/commit-log-reader.js'
import type { QueryMessageRequest, QueryMessageResult } from '../message-store.js'
import type { IndexService } from './index-service.js'

/** Where a query finds its records. */
export interface QueryMessageSource {
  readonly indexService: IndexService
  readonly commitLog: CommitLogReader
  /** Bytes of a commit-log segment. */
  readonly fileSize: number
}

/**
 * The records with a key, in ascending physical offset. The index knows hashes only: records of another key with the same hash are among them.
 * Java: DefaultMessageStore#queryMessage.
 */
export async function queryMessage(
  source: QueryMessageSource,
  request: QueryMessageRequest,
): Promise<QueryMessageResult> {
  const { phyOffsets, ...lastUpdate } = await source.indexService.queryOffset(request)
  const records: Buffer[] = []
  for (const offset of phyOffsets.toSorted((one, other) => one - other)) {
    const record = await readStoredRecord(source.commitLog, offset, source)
    if (record !== undefined) records.push(record)
  }
  return { bytes: Buffer.concat(records), count: records.length, ...lastUpdate }
}
