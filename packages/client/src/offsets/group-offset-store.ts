import type { MessageModel } from '@mq/remoting'
import type { MQClientInstance } from '../instance/mq-client-instance.js'
import { LocalFileOffsetStore } from './local-file-offset-store.js'
import { localOffsetPath, NodeOffsetFile } from './node-offset-file.js'
import type { OffsetStore } from './offset-store.js'
import { RemoteBrokerOffsetStore } from './remote-broker-offset-store.js'

/** Whose offsets a store is to keep. */
export interface GroupOffsetStoreOptions {
  readonly instance: MQClientInstance
  /** Within the namespace. */
  readonly consumerGroup: string
  readonly messageModel: MessageModel
  /** Default `.rocketmq_offsets` in the home directory. */
  readonly localOffsetStoreDir?: string | undefined
}

/** Where Java keeps the offsets of a group: at the brokers, or in a file of this client when every member gets all messages. */
export function groupOffsetStore(options: GroupOffsetStoreOptions): OffsetStore {
  const { consumerGroup, instance, localOffsetStoreDir, messageModel } = options
  if (messageModel === 'CLUSTERING') return new RemoteBrokerOffsetStore({ instance, consumerGroup })
  const { clientId, logger } = instance.config
  const path = localOffsetPath({ clientId, consumerGroup, localOffsetStoreDir })
  return new LocalFileOffsetStore({ file: new NodeOffsetFile(path), consumerGroup, logger })
}
