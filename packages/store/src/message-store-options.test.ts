import { describe, expect, test } from 'vitest'
import { completeConfig } from './message-store-options.js'

const storePathRootDir = '/store'

describe('the options of a store', () => {
  test('have the defaults of Apache RocketMQ', () => {
    expect(completeConfig({ storePathRootDir })).toMatchObject({
      storePathCommitLog: '/store/commitlog',
      mappedFileSizeCommitLog: 1_073_741_824,
      mappedFileSizeConsumeQueue: 6_000_000,
      flushDiskType: 'ASYNC_FLUSH',
      brokerRole: 'ASYNC_MASTER',
      maxMessageSize: 4_194_304,
      syncFlushTimeout: 5000,
    })
  })

  test('round a consume-queue file up to whole units', () => {
    expect(completeConfig({ storePathRootDir, mappedFileSizeConsumeQueue: 41 }).mappedFileSizeConsumeQueue).toBe(60)
  })

  const unusable: readonly (readonly [Readonly<Record<string, unknown>>, RegExp])[] = [
    [{ storePathRootDir: '' }, /storePathRootDir is empty/],
    [{ mappedFileSizeCommitLog: 10 }, /mappedFileSizeCommitLog is 10; set it to a whole number from 1024/],
    [{ maxMessageSize: 1.5 }, /maxMessageSize is 1.5; set it to a whole number from 10/],
    [{ slaveTimeout: -1 }, /slaveTimeout is -1; set it to a whole number from 0/],
    [{ syncFlushTimeout: '5000' }, /syncFlushTimeout is 5000; set it to a whole number/],
    [{ flushDiskType: 'SYNC' }, /flushDiskType is SYNC; set it to ASYNC_FLUSH or SYNC_FLUSH/],
    [{ messageDelayLevel: '1s 5x' }, /messageDelayLevel is '1s 5x'; set it to 1 to 128 delays/],
    [{ messageDelayLevel: '' }, /messageDelayLevel is ''/],
    [{ messageDelayLevel: '1s '.repeat(129) }, /messageDelayLevel is '1s 1s/],
    [{ messageIndexEnable: 'true' }, /messageIndexEnable is true; set it to a boolean/],
  ]

  test.each(unusable)('%j is refused with what would be accepted', (options, message) => {
    expect(() => completeConfig({ storePathRootDir, ...options })).toThrow(message)
  })
})
