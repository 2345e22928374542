import { shortDelays } from './consumer-session.js'
import { startJavaServers } from './java-servers.js'
import { mqadminConsumeContract } from './mqadmin-consume-contract.js'

mqadminConsumeContract("Apache RocketMQ's name server and broker", () => startJavaServers(shortDelays))
