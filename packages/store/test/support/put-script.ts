import { SimulatedRuntime } from '@mq/remoting/testing'
import { DefaultMessageStore, type MessageStoreOptions, type PutMessageResult } from '@mq/store'
import type { InMemoryFileSystem } from '@mq/store/testing'
import { expect } from 'vitest'

/** A put of the script and how it ended. */
export interface Sent {
  readonly topic: string
  readonly queueId: number
  readonly body: string
  readonly result: PutMessageResult
}

/** Small files, so that a short script rolls segments of every kind. */
export const smallFiles = {
  storePathRootDir: '/store',
  mappedFileSizeCommitLog: 4096,
  mappedFileSizeConsumeQueue: 200,
  maxHashSlotNum: 16,
  maxIndexNum: 12,
} as const satisfies MessageStoreOptions

/** What the script runs on. */
export interface ScriptOptions {
  readonly fileSystem: InMemoryFileSystem
  readonly flushDiskType: 'ASYNC_FLUSH' | 'SYNC_FLUSH'
}

/** A fixed script: several queues, sizes that roll segments, several puts in one turn, pauses in which everything is flushed. */
export async function runScript({ fileSystem, flushDiskType }: ScriptOptions): Promise<Sent[]> {
  const runtime = new SimulatedRuntime({ seed: 1 })
  const sent: Sent[] = []
  let store: DefaultMessageStore | undefined
  try {
    store = await runtime.run(DefaultMessageStore.open({ ...smallFiles, flushDiskType, runtime, fileSystem }))
    for (let turn = 0; turn < 12; turn++) {
      const puts = Array.from({ length: 1 + (turn % 4) }, (_, index) => put(store as DefaultMessageStore, turn, index))
      sent.push(...(await runtime.run(Promise.all(puts))))
      await runtime.advance(turn % 5 === 4 ? 1500 : 1)
    }
  } catch (error) {
    if (!fileSystem.isDead) throw error
  }
  // A store whose disk failed says so again when it is closed.
  if (store !== undefined) await runtime.run(store.close().catch(() => undefined))
  return sent
}

async function put(store: DefaultMessageStore, turn: number, index: number): Promise<Sent> {
  const topic = index % 2 === 0 ? 'A' : 'B'
  const queueId = turn % 2
  const body = `${turn}-${index}-${'x'.repeat((turn * 97 + index * 31) % 700)}`
  const properties = { KEYS: `k${turn}`, UNIQ_KEY: `u${turn}-${index}` }
  return { topic, queueId, body, result: await store.asyncPutMessage({ topic, queueId, body, properties }) }
}

/** What a disk is checked for. */
export interface DiskCheck {
  readonly sent: readonly Sent[]
  /** Every acknowledged message is there, or those that are there were sent before those that are not. */
  readonly acknowledged: 'all' | 'prefix'
  /** Named when a check fails. */
  readonly context: string
}

/** Opens a disk after a crash: what is there is unaltered, each queue is dense, and the store goes on. */
export async function checkDisk(disk: InMemoryFileSystem, { sent, acknowledged, context }: DiskCheck): Promise<void> {
  const runtime = new SimulatedRuntime({ seed: 7 })
  const store = await runtime.run(DefaultMessageStore.open({ ...smallFiles, runtime, fileSystem: disk }))
  let isLost = false
  for (const { topic, queueId, body, result } of sent.filter((candidate) => candidate.result.status === 'PUT_OK')) {
    const found = await runtime.run(store.lookMessageByOffset(result.physicalOffset))
    isLost ||= found === undefined
    if (acknowledged === 'prefix' && isLost) {
      expect(found, `${context}: a hole in front of ${result.physicalOffset}`).toBeUndefined()
      continue
    }
    expect(found?.body.toString(), `${context}: lost at ${result.physicalOffset}`).toBe(body)
    expect([found?.topic, found?.queueId, found?.queueOffset], context).toEqual([topic, queueId, result.queueOffset])
    expect(store.getMaxOffsetInQueue(topic, queueId), `${context}: not in its queue`).toBeGreaterThan(
      result.queueOffset,
    )
  }
  await checkQueues(store, runtime, context)
  const next = await runtime.run(store.asyncPutMessage({ topic: 'A', queueId: 0, body: 'after' }))
  expect(next.status, context).toBe('PUT_OK')
  expect(next.queueOffset, `${context}: queue offset reused or skipped`).toBe(store.getMaxOffsetInQueue('A', 0) - 1)
  await runtime.run(store.close())
}

/** Every queue offset from 0 on names a readable message. */
async function checkQueues(store: DefaultMessageStore, runtime: SimulatedRuntime, context: string): Promise<void> {
  for (const [topic, queueId] of [
    ['A', 0],
    ['A', 1],
    ['B', 0],
    ['B', 1],
  ] as const) {
    const maxOffset = store.getMaxOffsetInQueue(topic, queueId)
    for (let offset = 0; offset < maxOffset; ) {
      const request = { group: 'g', topic, queueId, offset, maxMsgNums: 32 }
      const { status, count, nextBeginOffset } = await runtime.run(store.getMessage(request))
      expect(status, `${context}: ${topic}-${queueId} at ${offset} of ${maxOffset}`).toBe('FOUND')
      expect(nextBeginOffset).toBe(offset + count)
      offset = nextBeginOffset
    }
  }
}
