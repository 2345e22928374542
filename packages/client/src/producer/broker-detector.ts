import { GetMaxOffset } from '@mq/remoting'
import type { ServiceDetector } from '../fault-tolerance/latency-fault-tolerance.js'
import type { MQClientInstance } from '../instance/mq-client-instance.js'
import type { RouteUser } from '../routes/topic-routes.js'

/**
 * Probes brokers by asking for the end of queue 0 of some topic the producer sends to. Java: the ServiceDetector and Resolver of
 * DefaultMQProducerImpl.
 */
export function brokerDetector(instance: MQClientInstance, published: RouteUser): ServiceDetector {
  return {
    resolve: (brokerName) => instance.routes.brokers.masterOf(brokerName),
    async detect(address, timeoutMs) {
      const [topic] = published.topics()
      if (topic === undefined) return false
      try {
        await instance.remoting.invoke(address, GetMaxOffset, { topic, queueId: 0 }, { timeoutMs })
        return true
      } catch {
        // A probe asks whether the broker answers; why it does not is told by the sends that fail.
        return false
      }
    },
  }
}
