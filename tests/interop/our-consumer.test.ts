import { consumerContract } from './consumer-contract.js'
import { shortDelays } from './consumer-session.js'
import { startJavaServers } from './java-servers.js'
import { OurConsumers } from './our-consumers.js'

consumerContract("our consumers of Apache RocketMQ's servers", {
  servers: () => startJavaServers(shortDelays),
  consumers: (namesrvAddr) => Promise.resolve(new OurConsumers(namesrvAddr)),
})
