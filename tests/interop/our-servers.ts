import { Broker, type BrokerOptions } from '@mq/broker'
import { NameServer } from '@mq/namesrv'
import { DisposalStack } from './disposal-stack.js'
import { freeBrokerPort, freePort } from './free-port.js'
import { storeFileSizes } from './java-broker.js'
import type { Servers } from './servers.js'
import { TemporaryFolder } from './temporary-folder.js'

/** Our name server and broker, in this process. */
export async function startOurServers(configuration: BrokerOptions = {}): Promise<Servers> {
  const stack = new DisposalStack()
  const folder = stack.use(new TemporaryFolder())
  const nameServer = stack.use(
    await NameServer.start({ listenPort: await freePort(), kvConfigPath: `${folder.path}/kvConfig.json` }),
  )
  const broker = stack.use(
    await Broker.start({
      brokerClusterName: 'InteropCluster',
      brokerName: 'first',
      brokerIP1: '127.0.0.1',
      listenPort: await freeBrokerPort(),
      namesrvAddr: nameServer.address,
      storePathRootDir: `${folder.path}/store`,
      ...storeFileSizes,
      ...configuration,
    }),
  )
  return {
    namesrvAddr: nameServer.address,
    brokerAddr: broker.address,
    brokerName: 'first',
    clusterName: 'InteropCluster',
    [Symbol.asyncDispose]: () => stack[Symbol.asyncDispose](),
  }
}
