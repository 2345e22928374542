import { javaProducerContract } from './java-producer-contract.js'
import { startJavaServers } from './java-servers.js'
import { startOurServers } from './our-servers.js'

javaProducerContract("Apache RocketMQ's servers", startJavaServers)
javaProducerContract('our servers', startOurServers)
