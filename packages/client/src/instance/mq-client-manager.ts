import type { ClientConfig } from './client-config.js'
import { MQClientInstance } from './mq-client-instance.js'

/**
 * Holds one MQClientInstance for each client id. Java keeps one manager for the whole process; here producers and consumers
 * share an instance exactly when they were given the same manager and have the same client id, so that two libraries in one
 * process cannot meet in an instance by accident.
 */
export class MQClientManager {
  readonly #instances = new Map<string, MQClientInstance>()

  /** The instance of this client id; the first caller's settings hold for all who share it. */
  getOrCreateMQClientInstance(config: ClientConfig): MQClientInstance {
    const known = this.#instances.get(config.clientId)
    if (known !== undefined) return known
    const instance = new MQClientInstance(config, () => this.#instances.delete(config.clientId))
    this.#instances.set(config.clientId, instance)
    return instance
  }
}
