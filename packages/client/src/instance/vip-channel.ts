/** How far below its listen port a broker's VIP channel is. */
const vipPortDistance = 2

/** The address of a broker's VIP channel: the port minus 2, reserved for sends and admin calls. Java: MixAll#brokerVIPChannel. */
export function brokerVIPChannel(address: string): string {
  const colon = address.lastIndexOf(':')
  return `${address.slice(0, colon)}:${Number(address.slice(colon + 1)) - vipPortDistance}`
}
