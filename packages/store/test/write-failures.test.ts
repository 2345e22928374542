import { SimulatedRuntime } from '@mq/remoting/testing'
import { DefaultMessageStore } from '@mq/store'
import { type Fault, InMemoryFileSystem, type OperationKind } from '@mq/store/testing'
import { describe, expect, test } from 'vitest'
import { checkDisk, runScript, type ScriptOptions, smallFiles } from './support/put-script.js'

/** Fails every operation of a kind on the commit log from the k-th on. */
function failing(kind: OperationKind, from: number, fault: Fault): InMemoryFileSystem {
  let seen = 0
  return new InMemoryFileSystem({
    onOperation: (operation) => {
      const isMeant = operation.kind === kind && operation.path.includes('/commitlog/')
      return isMeant && ++seen >= from ? fault : undefined
    },
  })
}

const faults: readonly (readonly [OperationKind, Fault])[] = [
  ['write', { error: 'EIO' }],
  ['write', { error: 'ENOSPC' }],
  ['write', { shortBytes: 5 }],
  ['datasync', { error: 'EIO' }],
  ['create', { error: 'ENOSPC' }],
]

describe.each(['ASYNC_FLUSH', 'SYNC_FLUSH'] as const)('with %s', (flushDiskType: ScriptOptions['flushDiskType']) => {
  test.each(faults)(
    'after the k-th %s fails with %j nothing is acknowledged, and what was stays',
    async (kind, fault) => {
      for (let at = 2; at <= 14; at++) {
        const fileSystem = failing(kind, at, fault)
        const sent = await runScript({ fileSystem, flushDiskType })
        const context = `${kind} ${at}`
        const statuses = sent.map(({ result }) => result.status)
        const firstFailure = statuses.findIndex((status) => status !== 'PUT_OK')
        if (firstFailure >= 0) {
          expect(statuses.slice(firstFailure), `${context}: acknowledged after a failure`).not.toContain('PUT_OK')
        }
        const disk = flushDiskType === 'SYNC_FLUSH' ? fileSystem.crash('lost') : fileSystem.kill()
        await checkDisk(disk, { sent, acknowledged: 'all', context })
      }
    },
    30_000,
  )
})

describe('a store whose disk failed', () => {
  test('says that the volume is full, refuses later puts with the reason, and leaves abort behind', async () => {
    const runtime = new SimulatedRuntime({ seed: 1 })
    const fileSystem = failing('write', 2, { error: 'ENOSPC' })
    const store = await runtime.run(DefaultMessageStore.open({ ...smallFiles, runtime, fileSystem }))
    const put = () => runtime.run(store.asyncPutMessage({ topic: 'T', body: 'x' }))
    expect((await put()).status).toBe('PUT_OK')
    const failed = await put()
    expect(failed).toMatchObject({ status: 'SERVICE_NOT_AVAILABLE', physicalOffset: -1, msgId: '' })
    expect(store.isWriteable()).toBe(false)
    expect(store.runningFlags.isDiskFull).toBe(true)
    const later = await put()
    expect(later.status).toBe('SERVICE_NOT_AVAILABLE')
    expect(later.remark).toMatch(/write of 9\d bytes at 9\d of .*commitlog.* failed; free or repair the disk/)
    await runtime.run(store.close())
    expect(await fileSystem.stat('/store/abort')).toBeDefined()
  })

  test('a failed sync fails every put that waits for it and is not tried again', async () => {
    const runtime = new SimulatedRuntime({ seed: 1 })
    let syncs = 0
    const fileSystem = new InMemoryFileSystem()
    const flushDiskType = 'SYNC_FLUSH'
    const store = await runtime.run(DefaultMessageStore.open({ ...smallFiles, flushDiskType, runtime, fileSystem }))
    fileSystem.onOperation = ({ kind, path }) => {
      if (kind !== 'datasync' || path !== '/store/commitlog/00000000000000000000') return undefined
      return ++syncs === 1 ? { error: 'EIO' } : undefined
    }
    const results = await runtime.run(
      Promise.all(['a', 'b'].map((body) => store.asyncPutMessage({ topic: 'T', body }))),
    )
    expect(results.map(({ status }) => status)).toEqual(['UNKNOWN_ERROR', 'UNKNOWN_ERROR'])
    await runtime.run(store.close())
    expect(syncs).toBe(1)
    expect(store.getMaxOffsetInQueue('T', 0)).toBe(0)
  })
})
