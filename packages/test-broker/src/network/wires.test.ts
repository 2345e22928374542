import type { ByteStream, Endpoint } from '@mq/remoting'
import { expect, test } from 'vitest'
import { Wires } from './wires.js'

const client: Endpoint = { host: '127.0.0.1', port: 50_000 }
const server: Endpoint = { host: '127.0.0.1', port: 10_911 }
const clientStream = { local: client, remote: server } as ByteStream
const serverStream = { local: server, remote: client } as ByteStream
const always = (): boolean => true

test('bytes that one end wrote and the other has not read are on their way', () => {
  const wires = new Wires()
  const here = wires.client(clientStream, always)
  const there = wires.server(serverStream, always)
  here.sent(10)
  expect(wires.areBusy).toBe(true)
  there.received(4)
  expect(wires.areBusy).toBe(true)
  there.received(6)
  expect(wires.areBusy).toBe(false)
  there.sent(1)
  expect(wires.areBusy).toBe(true)
})

test('bytes to another process, and to an end that does not read, are not waited for', () => {
  const wires = new Wires()
  wires.client({ local: client, remote: { ...server, port: 9876 } } as ByteStream, always).sent(10)
  const state = { isReading: false }
  wires.server(serverStream, () => state.isReading)
  wires.client(clientStream, always).sent(10)
  expect(wires.areBusy).toBe(false)
  state.isReading = true
  expect(wires.areBusy).toBe(true)
})

test('a wire that is removed, or whose ports are used again, is forgotten with what was on its way', () => {
  const wires = new Wires()
  const first = wires.client(clientStream, always)
  wires.server(serverStream, always)
  first.sent(10)
  wires.client(clientStream, always)
  wires.server(serverStream, always)
  expect(wires.areBusy).toBe(false)
  const second = wires.server({ local: server, remote: { ...client, port: 50_001 } } as ByteStream, always)
  wires.client({ local: { ...client, port: 50_001 }, remote: server } as ByteStream, always)
  second.sent(1)
  expect(wires.areBusy).toBe(true)
  wires.remove(second)
  expect(wires.areBusy).toBe(false)
})
