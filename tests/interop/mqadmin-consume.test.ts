import { shortDelays } from './consumer-session.js'
import { startJavaServers } from './java-servers.js'
import { mqadminConsumeContract } from './mqadmin-consume-contract.js'
import { startOurServers } from './our-servers.js'

mqadminConsumeContract("Apache RocketMQ's name server and broker", () => startJavaServers(shortDelays))
mqadminConsumeContract('our name server and broker', () => startOurServers(shortDelays))
