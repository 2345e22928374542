import { startJavaServers } from './java-servers.js'
import { mqadminContract } from './mqadmin-contract.js'

mqadminContract("Apache RocketMQ's name server and broker", startJavaServers)
