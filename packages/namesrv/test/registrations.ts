import { encodeRegisterBrokerBody, type RegisterBrokerBody, type TopicConfig } from '@mq/remoting'

/** A topic with queues for reading and writing alike. */
export function topicConfig(topicName: string, change: Partial<TopicConfig> = {}): TopicConfig {
  return {
    topicName,
    readQueueNums: 4,
    writeQueueNums: 4,
    perm: 6,
    topicFilterType: 'SINGLE_TAG',
    topicSysFlag: 0,
    order: false,
    attributes: new Map(),
    ...change,
  }
}

/** What a broker registers: its topics, the version they have, and for how many changes that is. */
export function registerBody(topics: readonly TopicConfig[], counter = 1, stateVersion = 0): RegisterBrokerBody {
  const dataVersion = { counter, stateVersion, timestamp: 1_700_000_000_000 }
  return {
    topicConfigSerializeWrapper: {
      dataVersion,
      mappingDataVersion: dataVersion,
      topicConfigTable: new Map(topics.map((config) => [config.topicName, config])),
      topicQueueMappingDetailMap: new Map(),
      topicQueueMappingInfoMap: new Map(),
    },
    filterServerList: [],
  }
}

/** The same as a request's body. */
export function encodedBody(topics: readonly TopicConfig[], counter = 1): Buffer {
  return encodeRegisterBrokerBody(registerBody(topics, counter))
}
