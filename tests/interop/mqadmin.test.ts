import { startJavaServers } from './java-servers.js'
import { mqadminContract } from './mqadmin-contract.js'
import { startOurServers } from './our-servers.js'

mqadminContract("Apache RocketMQ's name server and broker", startJavaServers)
mqadminContract('our name server and broker', startOurServers)
