import type { NetworkInterfaceInfo } from 'node:os'
import { expect, test } from 'vitest'
import { localAddress } from './client-address.js'

const ipv4 = (address: string): NetworkInterfaceInfo => ({
  address,
  family: 'IPv4',
  internal: address.startsWith('127.'),
  netmask: '255.255.255.0',
  mac: '00:00:00:00:00:00',
  cidr: null,
})
const ipv6 = (address: string, scopeid: number): NetworkInterfaceInfo => ({
  address,
  family: 'IPv6',
  internal: false,
  netmask: 'ffff::',
  mac: '00:00:00:00:00:00',
  cidr: null,
  scopeid,
})

test.each<[string, NodeJS.Dict<NetworkInterfaceInfo[]>, string]>([
  ['a public address before a private one', { eth0: [ipv4('192.168.0.5')], eth1: [ipv4('8.8.4.4')] }, '8.8.4.4'],
  ['the last private address', { eth0: [ipv4('192.168.0.5')], eth1: [ipv4('192.168.0.6')] }, '192.168.0.6'],
  ['no bridge of containers', { docker0: [ipv4('172.17.0.1')], eth0: [ipv4('192.168.0.5')] }, '192.168.0.5'],
  ['no alias of an interface', { 'eth0:1': [ipv4('8.8.4.4')], eth0: [ipv4('192.168.0.5')] }, '192.168.0.5'],
  ['IPv4 before IPv6', { eth0: [ipv6('2001:db8::1', 0), ipv4('10.1.1.1')] }, '10.1.1.1'],
  ['a global IPv6 address in brackets', { eth0: [ipv6('fe80::1', 2), ipv6('2001:db8::1', 0)] }, '[2001:db8::1]'],
  ['localhost when there is only loopback', { lo: [ipv4('127.0.0.1')] }, 'localhost'],
])('the address that names this machine is %s', (_what, interfaces, expected) => {
  expect(localAddress(interfaces)).toBe(expected)
})
