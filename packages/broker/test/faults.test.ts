import { ResponseCode } from '@mq/remoting'
import { expect, test } from 'vitest'
import { SimulatedBroker } from './simulated-broker.js'

test('a full disk refuses sends, and reads go on', async () => {
  await using rig = await SimulatedBroker.started()
  await rig.send({}, 'before')
  rig.fileSystem.onOperation = ({ kind }) => (kind === 'write' ? { error: 'ENOSPC' } : undefined)
  const first = await rig.send({}, 'lost')
  expect(first.code).not.toBe(ResponseCode.SUCCESS)
  const next = await rig.send({}, 'refused')
  expect(next.code).toBe(ResponseCode.SERVICE_NOT_AVAILABLE)
  expect(next.remark).not.toBe('')
  rig.fileSystem.onOperation = undefined
  expect((await rig.messages('Orders')).map((message) => message.body.toString())).toEqual(['before'])
})

test('a sync that fails acknowledges nothing, neither what waits for it nor what comes later', async () => {
  await using rig = await SimulatedBroker.started({ flushDiskType: 'SYNC_FLUSH' })
  expect((await rig.send({}, 'durable')).code).toBe(ResponseCode.SUCCESS)
  rig.fileSystem.onOperation = ({ kind, path }) =>
    kind === 'datasync' && path.includes('/commitlog/') ? { error: 'EIO' } : undefined
  const waiting = await Promise.all(['a', 'b', 'c'].map((body) => rig.send({}, body)))
  for (const response of waiting) expect(response.code).not.toBe(ResponseCode.SUCCESS)
  rig.fileSystem.onOperation = undefined
  expect((await rig.send({}, 'later')).code).toBe(ResponseCode.SERVICE_NOT_AVAILABLE)
  expect((await rig.messages('Orders'))[0]?.body.toString()).toBe('durable')
})

test('every send answered with success is read back after the power failed', async () => {
  const rig = await SimulatedBroker.started({ flushDiskType: 'SYNC_FLUSH' })
  const sends = Array.from({ length: 50 }, (_, index) => rig.send({}, `m${index}`))
  const answered = await Promise.all(sends)
  expect(answered.every((response) => response.code === ResponseCode.SUCCESS)).toBe(true)
  const disk = rig.fileSystem.crash('lost')
  rig.runtime.hosts.crash('10.0.1.1')
  await using later = new SimulatedBroker({ runtime: rig.runtime, fileSystem: disk })
  await later.start()
  const { messageStore } = later.broker
  expect(messageStore.getMaxOffsetInQueue('Orders', 0)).toBe(50)
  const bodies = (await later.messages('Orders')).map((message) => message.body.toString())
  expect(new Set(bodies).size).toBe(32)
})
