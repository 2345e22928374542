import { consumerContract } from './consumer-contract.js'
import { shortDelays } from './consumer-session.js'
import { JavaConsumers } from './java-consumers.js'
import { startJavaServers } from './java-servers.js'
import { startOurServers } from './our-servers.js'

const consumers = (namesrvAddr: string): Promise<JavaConsumers> => JavaConsumers.start(namesrvAddr)

consumerContract("Java consumers of Apache RocketMQ's servers", {
  consumers,
  servers: () => startJavaServers(shortDelays),
})
consumerContract('Java consumers of our servers', { consumers, servers: () => startOurServers(shortDelays) })
