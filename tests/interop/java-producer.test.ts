import { javaProducerContract } from './java-producer-contract.js'
import { startJavaServers } from './java-servers.js'

javaProducerContract("Apache RocketMQ's servers", startJavaServers)
