import { describe, expect, test } from 'vitest'
import { createResponse } from '../codec/remoting-command.js'
import { promotedBytesPerCall } from '../testing/promoted-bytes.js'
import { SimulatedRuntime } from '../testing/simulated-runtime.js'
import { DeadlineWheel } from './deadline-wheel.js'
import { type Channel, type ResponseListener, ResponseTable } from './response-table.js'

function channel(): Channel {
  return { remoteAddress: '10.0.0.1:1', pendingResponses: 0, onNoPendingResponses() {} }
}

function recorder(): ResponseListener & { readonly events: string[] } {
  const events: string[] = []
  return {
    events,
    onResponse: () => events.push('response'),
    onTimeout: () => events.push('timeout'),
    onConnectionClosed: () => events.push('closed'),
  }
}

function table(world: SimulatedRuntime, firstOpaque?: number): ResponseTable {
  return new ResponseTable(new DeadlineWheel(world), firstOpaque)
}

describe('ResponseTable', () => {
  // In a Map of calls one that was pending during a full collection kept all later ones alive until the next.
  test('calls that are over are garbage that a minor collection takes', async () => {
    const responses = table(new SimulatedRuntime({ seed: 1 }))
    const line = channel()
    const listener = recorder()
    responses.add({ channel: line, listener, deadlineMs: 1e9 })
    const promoted = await promotedBytesPerCall(() => {
      const calls = [0, 1, 2].map(() => responses.add({ channel: line, listener, deadlineMs: 1e9 }))
      for (const { opaque } of calls) responses.complete(line, createResponse(0, { opaque }))
      listener.events.length = 0
    })
    expect(promoted).toBeLessThan(40)
  })

  test('opaques wrap from the largest to the smallest signed 32-bit integer', () => {
    const responses = table(new SimulatedRuntime({ seed: 1 }), 2_147_483_647)
    expect(responses.nextOpaque()).toBe(2_147_483_647)
    expect(responses.nextOpaque()).toBe(-2_147_483_648)
  })

  test('a call ends once: after its answer neither its timeout nor its connection is heard of', async () => {
    const world = new SimulatedRuntime({ seed: 1 })
    const responses = table(world)
    const listener = recorder()
    const line = channel()
    const { opaque } = responses.add({ channel: line, listener, deadlineMs: 100 })
    responses.complete(line, createResponse(0, { opaque }))
    responses.complete(line, createResponse(0, { opaque }))
    responses.onChannelClosed(line, undefined)
    await world.advance(1_000)
    expect(listener.events).toEqual(['response'])
    expect(responses.unknownResponses).toBe(1)
    expect(responses.size).toBe(0)
  })

  test('an answer on another connection than the request went out on is dropped and counted', async () => {
    const world = new SimulatedRuntime({ seed: 1 })
    const responses = table(world)
    const listener = recorder()
    const { opaque } = responses.add({ channel: channel(), listener, deadlineMs: 100 })
    responses.complete(channel(), createResponse(0, { opaque }))
    expect(responses.unknownResponses).toBe(1)
    await world.advance(1_000)
    expect(listener.events).toEqual(['timeout'])
  })

  test('a closed connection fails its own calls and no others', () => {
    const responses = table(new SimulatedRuntime({ seed: 1 }))
    const [mine, other] = [recorder(), recorder()]
    const line = channel()
    responses.add({ channel: line, listener: mine, deadlineMs: 100 })
    responses.add({ channel: channel(), listener: other, deadlineMs: 100 })
    responses.onChannelClosed(line, undefined)
    expect(mine.events).toEqual(['closed'])
    expect(other.events).toEqual([])
    expect(line.pendingResponses).toBe(0)
    expect(responses.size).toBe(1)
  })
})
