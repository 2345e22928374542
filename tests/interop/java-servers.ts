import { DisposalStack } from './disposal-stack.js'
import { JavaBroker } from './java-broker.js'
import { JavaNameServer } from './java-name-server.js'
import type { JavaProperties } from './java-properties.js'
import type { Servers } from './servers.js'

/** Apache RocketMQ's name server and broker: every expectation about servers is checked against them first. */
export async function startJavaServers(configuration: JavaProperties = {}): Promise<Servers> {
  const stack = new DisposalStack()
  const nameServer = stack.use(await JavaNameServer.start())
  const broker = stack.use(
    await JavaBroker.start({ namesrvAddr: nameServer.address, brokerName: 'first', configuration }),
  )
  return {
    namesrvAddr: nameServer.address,
    brokerAddr: broker.address,
    brokerName: 'first',
    clusterName: 'InteropCluster',
    [Symbol.asyncDispose]: () => stack[Symbol.asyncDispose](),
  }
}
