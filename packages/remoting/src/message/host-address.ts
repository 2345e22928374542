import { MessageFormatError } from '../errors.js'

/** An IP address and port as records and message ids hold them; `ip` is 4 or 16 bytes in network order and never changed. */
export interface HostAddress {
  readonly ip: Buffer
  readonly port: number
}

const MAX_PORT = 65_535
const GROUPS_OF_V6 = 8

/** True if the address takes 20 bytes in a record instead of 8. */
export function isIPv6Address(host: HostAddress): boolean {
  return host.ip.length === 16
}

/**
 * Reads `1.2.3.4:5`, `[::1]:5` or `::1:5` (the last colon always precedes the port); host names are not resolved.
 * @throws MessageFormatError if the text is something else.
 */
export function parseHostAddress(text: string): HostAddress {
  const colon = text.lastIndexOf(':')
  const portText = text.slice(colon + 1)
  const port = /^\d{1,5}$/.test(portText) ? Number(portText) : MAX_PORT + 1
  const ip = colon < 0 || port > MAX_PORT ? undefined : parseIp(text.slice(0, colon))
  if (ip === undefined) {
    throw new MessageFormatError(`"${text}" is no IP address with a port: write it like 192.168.1.2:10911`)
  }
  return { ip, port }
}

/** The bytes of an IPv4 or IPv6 address, with or without brackets; undefined if the text is neither. */
export function parseIp(text: string): Buffer | undefined {
  return text.includes(':') ? parseIPv6(text.replace(/^\[(.*)\]$/, '$1')) : parseIPv4(text)
}

/** `1.2.3.4:5`, or `[fe80:0:0:0:0:0:0:1]:5` without shortening. */
export function formatHostAddress(host: HostAddress): string {
  const ip = formatIp(host.ip)
  return isIPv6Address(host) ? `[${ip}]:${host.port}` : `${ip}:${host.port}`
}

/** The textual form of 4 or 16 address bytes. */
export function formatIp(ip: Uint8Array): string {
  if (ip.length === 4) return ip.join('.')
  const groups: string[] = []
  for (let at = 0; at + 1 < ip.length; at += 2) {
    groups.push((((ip[at] as number) << 8) | (ip[at + 1] as number)).toString(16))
  }
  return groups.join(':')
}

function parseIPv4(text: string): Buffer | undefined {
  const parts = text.split('.')
  if (parts.length !== 4 || !parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) <= 255)) return undefined
  return Buffer.from(parts.map(Number))
}

function parseIPv6(text: string): Buffer | undefined {
  const address = text.replace(/%.*$/, '')
  const halves = address.split('::')
  if (halves.length > 2) return undefined
  const head = groupsOf(halves[0])
  const tail = groupsOf(halves[1])
  if (head === undefined || tail === undefined) return undefined
  const missing = GROUPS_OF_V6 - head.length - tail.length
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined
  const groups = [...head, ...new Array<number>(missing).fill(0), ...tail]
  return Buffer.from(groups.flatMap((group) => [group >>> 8, group & 0xff]))
}

/** The 16-bit groups of one side of `::`; a trailing dotted IPv4 address counts as two. */
function groupsOf(half: string | undefined): number[] | undefined {
  if (half === undefined || half === '') return []
  const groups: number[] = []
  const parts = half.split(':')
  for (const [index, part] of parts.entries()) {
    const embedded = index === parts.length - 1 && part.includes('.') ? parseIPv4(part) : undefined
    if (embedded !== undefined) groups.push(embedded.readUInt16BE(0), embedded.readUInt16BE(2))
    else if (/^[0-9a-f]{1,4}$/i.test(part)) groups.push(Number.parseInt(part, 16))
    else return undefined
  }
  return groups
}
