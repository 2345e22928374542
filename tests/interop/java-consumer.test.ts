import { shortDelays } from './consumer-session.js'
import { javaConsumerContract } from './consumer-contract.js'
import { startJavaServers } from './java-servers.js'
import { startOurServers } from './our-servers.js'

javaConsumerContract("Apache RocketMQ's servers", () => startJavaServers(shortDelays))
javaConsumerContract('our servers', () => startOurServers(shortDelays))
