import { createServer } from 'node:net'

// Below the range from which the kernel takes ports for outgoing connections, so that a port found free stays free.
const lowestPort = 12_000
const portCount = 18_000

/** A port on which nothing listens. */
export function freePort(): Promise<number> {
  return firstFree([0])
}

/** A port for a Java broker, which also listens two below it (VIP channel) and one above it (HA). */
export function freeBrokerPort(): Promise<number> {
  return firstFree([-2, 0, 1])
}

async function firstFree(offsets: readonly number[]): Promise<number> {
  for (let attempt = 0; attempt < 200; attempt++) {
    const port = lowestPort + Math.floor(Math.random() * portCount)
    const free = await Promise.all(offsets.map((offset) => isFree(port + offset)))
    if (free.every(Boolean)) return port
  }
  throw new Error('no free port found')
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, () => server.close(() => resolve(true)))
  })
}
