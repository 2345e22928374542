import { deflateSync } from 'node:zlib'
import { beforeAll, describe, expect, test, vi } from 'vitest'
import {
  decodeBrokerMemberGroup,
  decodeBrokerStatsData,
  decodeConsumeQueueBody,
  decodeConsumerOffsetTable,
  decodeConsumeStatsList,
  decodeConsumeTimeSpan,
  decodeCorrectionOffsets,
  decodeResetOffsetBody,
  decodeSubscriptionBody,
  encodeBrokerStatsData,
  encodeConsumeQueueBody,
  encodeConsumerOffsetTable,
  encodeConsumeStatsList,
  encodeConsumeTimeSpan,
  encodeCorrectionOffsets,
  encodeResetOffsetBody,
  encodeSubscriptionBody,
  decodeCheckClientRequest,
  decodeClusterInfo,
  decodeConsumeStats,
  decodeConsumerConnection,
  decodeConsumerList,
  decodeCreateTopicListBody,
  decodeDataVersion,
  decodeDelayOffsetTable,
  decodeGroupForbidden,
  decodeGroupList,
  decodeHeartbeatData,
  decodeKVTable,
  decodeLockBatchResponse,
  decodeMessageRequestMode,
  decodeProducerConnection,
  decodeProducerTableInfo,
  decodeQueryAssignmentRequest,
  decodeQueryAssignmentResponse,
  decodeQueueLockRequest,
  decodeRegisterBrokerBody,
  decodeSubscriptionGroupConfig,
  decodeSubscriptionGroupList,
  decodeSubscriptionGroupWrapper,
  decodeTopicConfigAndMappingWrapper,
  decodeTopicConfigAndQueueMapping,
  decodeTopicConfigWrapper,
  decodeTopicList,
  decodeTopicRouteData,
  decodeTopicStatsTable,
  defaultSubscriptionGroupConfig,
  encodeBrokerMemberGroup,
  encodeCheckClientRequest,
  encodeClusterInfo,
  encodeConsumeStats,
  encodeConsumerConnection,
  encodeConsumerList,
  encodeCreateTopicListBody,
  encodeDataVersion,
  encodeDelayOffsetTable,
  encodeGroupForbidden,
  encodeGroupList,
  encodeHeartbeatData,
  encodeKVTable,
  encodeLockBatchResponse,
  encodeMessageRequestMode,
  encodeProducerConnection,
  encodeProducerTableInfo,
  encodeQueryAssignmentRequest,
  encodeQueryAssignmentResponse,
  encodeQueueLockRequest,
  encodeRegisterBrokerBody,
  encodeSubscriptionGroupConfig,
  encodeSubscriptionGroupList,
  encodeSubscriptionGroupWrapper,
  encodeTopicConfigAndMappingWrapper,
  encodeTopicConfigAndQueueMapping,
  encodeTopicConfigWrapper,
  encodeTopicList,
  encodeTopicRouteData,
  encodeTopicStatsTable,
  MqError,
  protocolVersion,
  type RegisterBrokerBody,
} from '../src/index.js'

// The texts below were written by Apache RocketMQ 5.4.0.
const topicConfig =
  '{"attributes":{},"order":false,"perm":6,"readQueueNums":8,"topicFilterType":"SINGLE_TAG","topicName":"T",' +
  '"topicSysFlag":0,"writeQueueNums":8}'
const dataVersion = '{"counter":1,"stateVersion":0,"timestamp":1700000000000}'
const wrapper =
  `{"dataVersion":${dataVersion},"mappingDataVersion":{"counter":0,"stateVersion":0,"timestamp":1700000000001},` +
  `"topicConfigTable":{"T":${topicConfig}},"topicQueueMappingDetailMap":{},"topicQueueMappingInfoMap":{}}`
const subscription =
  '{"classFilterMode":false,"codeSet":[2598919,2598920],"expressionType":"TAG","subString":"TagA || TagB",' +
  '"subVersion":1700000000000,"tagsSet":["TagA","TagB"],"topic":"T"}'
const subscriptionGroup =
  '{"attributes":{},"brokerId":0,"consumeBroadcastEnable":true,"consumeEnable":true,"consumeFromMinEnable":true,' +
  '"consumeMessageOrderly":false,"consumeTimeoutMinute":15,"groupName":"CG","groupRetryPolicy":{"type":"CUSTOMIZED"},' +
  '"groupSysFlag":0,"notifyConsumerIdsChangedEnable":true,"retryMaxTimes":16,"retryQueueNums":1,' +
  '"whichBrokerWhenConsumeSlowly":1}'
const connection = '{"clientAddr":"1.2.3.4:5","clientId":"c1","language":"JAVA","version":479}'
const broker =
  '{"brokerAddrs":{"0":"127.0.0.1:10911","1":"127.0.0.1:10921"},"brokerName":"broker-a","cluster":"DefaultCluster",' +
  '"enableActingMaster":false}'
const route =
  `{"brokerDatas":[${broker}],"filterServerTable":{},"queueDatas":[{"brokerName":"broker-a","perm":6,"readQueueNums":4,` +
  '"topicSysFlag":0,"writeQueueNums":4}]}'

interface Codec<T> {
  readonly decode: (bytes: Buffer) => T
  readonly encode: (value: T) => Buffer
}

function codec<T>(decode: (bytes: Buffer) => T, encode: (value: T) => Buffer): Codec<unknown> {
  return { decode, encode: encode as (value: unknown) => Buffer }
}

const bodies: [name: string, text: string, codec: Codec<unknown>][] = [
  ['TopicRouteData', route, codec(decodeTopicRouteData, (value) => encodeTopicRouteData(value, 'standard'))],
  [
    'TopicRouteData of a static topic in an ordered topic with zones',
    '{"brokerDatas":[{"brokerAddrs":{"0":"h:1"},"brokerName":"b","cluster":"c","enableActingMaster":true,"zoneName":"z"}],' +
      '"filterServerTable":{"h:1":["f:1"]},"orderTopicConf":"b:4","queueDatas":[],"topicQueueMappingByBroker":{"b":' +
      '{"bname":"b","currIdMap":{"0":0,"1":1},"dirty":false,"epoch":3,"scope":"__global__","topic":"T","totalQueues":2}}}',
    codec(decodeTopicRouteData, (value) => encodeTopicRouteData(value)),
  ],
  [
    'HeartbeatData',
    '{"clientID":"10.0.0.1@1234","consumerDataSet":[{"consumeFromWhere":"CONSUME_FROM_LAST_OFFSET","consumeType":' +
      '"CONSUME_PASSIVELY","groupName":"CG","messageModel":"CLUSTERING","subscriptionDataSet":[' +
      `${subscription}],"unitMode":false}],"heartbeatFingerprint":0,"producerDataSet":[{"groupName":"PG"}],"withoutSub":false}`,
    codec(decodeHeartbeatData, encodeHeartbeatData),
  ],
  [
    'BrokerStatsData',
    '{"statsDay":{"avgpt":0.0,"sum":0,"tps":0.0},"statsHour":{"avgpt":0.0,"sum":0,"tps":0.0},"statsMinute":{"avgpt":1.5,' +
      '"sum":360,"tps":6.0}}',
    codec(decodeBrokerStatsData, encodeBrokerStatsData),
  ],
  [
    'QueryConsumeTimeSpanBody',
    '{"consumeTimeSpanSet":[{"consumeTimeStamp":-1,"consumeTimeStampStr":"1969-12-31#23:59:59:999","delayTime":9,' +
      '"maxTimeStamp":1700000009012,"maxTimeStampStr":"2023-11-14#22:13:29:012","messageQueue":{"brokerName":"b","queueId":0,' +
      '"topic":"T"},"minTimeStamp":1700000000001,"minTimeStampStr":"2023-11-14#22:13:20:001"}]}',
    codec(decodeConsumeTimeSpan, encodeConsumeTimeSpan),
  ],
  [
    'QueryConsumeQueueResponseBody',
    `{"filterData":"null","maxQueueIndex":9,"minQueueIndex":1,"queueData":[{"eval":false,"physicOffset":4096,"physicSize":200,` +
      `"tagsCode":-17}],"subscriptionData":${subscription}}`,
    codec(decodeConsumeQueueBody, encodeConsumeQueueBody),
  ],
  [
    'QuerySubscriptionResponseBody',
    `{"group":"CG","subscriptionData":${subscription},"topic":"T"}`,
    codec(decodeSubscriptionBody, encodeSubscriptionBody),
  ],
  [
    'QuerySubscriptionResponseBody without a subscription',
    '{"group":"CG","topic":"T"}',
    codec(decodeSubscriptionBody, encodeSubscriptionBody),
  ],
  ['DataVersion', dataVersion, codec(decodeDataVersion, encodeDataVersion)],
  [
    'DelayOffsetSerializeWrapper',
    `{"dataVersion":${dataVersion},"offsetTable":{"1":5,"3":7}}`,
    codec(decodeDelayOffsetTable, encodeDelayOffsetTable),
  ],
  [
    'QueryAssignmentRequestBody',
    '{"clientId":"c1","consumerGroup":"CG","messageModel":"CLUSTERING","strategyName":"AVG","topic":"T"}',
    codec(decodeQueryAssignmentRequest, encodeQueryAssignmentRequest),
  ],
  [
    'QueryAssignmentResponseBody',
    '{"messageQueueAssignments":[{"messageQueue":{"brokerName":"broker-a","queueId":0,"topic":"T"},"mode":"POP"}]}',
    codec(decodeQueryAssignmentResponse, encodeQueryAssignmentResponse),
  ],
  [
    'SetMessageRequestModeRequestBody',
    '{"consumerGroup":"CG","mode":"PULL","popShareQueueNum":0,"topic":"T"}',
    codec(decodeMessageRequestMode, encodeMessageRequestMode),
  ],
  [
    'CheckClientRequestBody',
    `{"clientId":"c1","group":"CG","namespace":"","subscriptionData":${subscription}}`,
    codec(decodeCheckClientRequest, encodeCheckClientRequest),
  ],
  ['GroupForbidden', '{"group":"CG","readable":true,"topic":"T"}', codec(decodeGroupForbidden, encodeGroupForbidden)],
  [
    'LockBatchRequestBody',
    '{"clientId":"c1","consumerGroup":"CG","mqSet":[{"brokerName":"broker-a","queueId":0,"topic":"T"}],"onlyThisBroker":false}',
    codec(decodeQueueLockRequest, encodeQueueLockRequest),
  ],
  [
    'LockBatchResponseBody',
    '{"lockOKMQSet":[{"brokerName":"broker-a","queueId":0,"topic":"T"}]}',
    codec(decodeLockBatchResponse, encodeLockBatchResponse),
  ],
  [
    'TopicConfigSerializeWrapper',
    `{"dataVersion":${dataVersion},"topicConfigTable":{"T":${topicConfig}}}`,
    codec(decodeTopicConfigWrapper, encodeTopicConfigWrapper),
  ],
  [
    'TopicConfigAndMappingSerializeWrapper',
    wrapper,
    codec(decodeTopicConfigAndMappingWrapper, encodeTopicConfigAndMappingWrapper),
  ],
  [
    'TopicConfigAndQueueMapping',
    topicConfig,
    codec(decodeTopicConfigAndQueueMapping, encodeTopicConfigAndQueueMapping),
  ],
  [
    'TopicConfigAndQueueMapping of a static topic',
    '{"attributes":{"message.type":"NORMAL"},"mappingDetail":{"bname":"b","currIdMap":{"0":0},"dirty":false,"epoch":3,' +
      '"hostedQueues":{"0":[{"bname":"b","endOffset":-1,"gen":0,"logicOffset":0,"queueId":0,"startOffset":0,"timeOfEnd":-1,' +
      '"timeOfStart":-1}]},"scope":"__global__","topic":"T","totalQueues":1},"order":true,"perm":7,"readQueueNums":1,' +
      '"topicFilterType":"MULTI_TAG","topicName":"T","topicSysFlag":1,"writeQueueNums":2}',
    codec(decodeTopicConfigAndQueueMapping, encodeTopicConfigAndQueueMapping),
  ],
  [
    'CreateTopicListRequestBody',
    `{"topicConfigList":[${topicConfig}]}`,
    codec(decodeCreateTopicListBody, encodeCreateTopicListBody),
  ],
  [
    'RegisterBrokerBody',
    `{"filterServerList":["f:1"],"topicConfigSerializeWrapper":${wrapper}}`,
    codec((bytes) => decodeRegisterBrokerBody(bytes), encodeRegisterBrokerBody),
  ],
  ['SubscriptionGroupConfig', subscriptionGroup, codec(decodeSubscriptionGroupConfig, encodeSubscriptionGroupConfig)],
  [
    'SubscriptionGroupConfig with a retry policy and subscriptions',
    subscriptionGroup
      .replace(
        '{"type":"CUSTOMIZED"}',
        '{"exponentialRetryPolicy":{"initial":5000,"max":7200000,"multiplier":2},"type":"EXPONENTIAL"}',
      )
      .replace(
        '"retryQueueNums":1,',
        '"retryQueueNums":1,"subscriptionDataSet":[{"expression":"*","expressionType":"TAG","topic":"T","version":7}],',
      ),
    codec(decodeSubscriptionGroupConfig, encodeSubscriptionGroupConfig),
  ],
  [
    'SubscriptionGroupList',
    `{"groupConfigList":[${subscriptionGroup}]}`,
    codec(decodeSubscriptionGroupList, encodeSubscriptionGroupList),
  ],
  [
    'SubscriptionGroupWrapper',
    `{"dataVersion":${dataVersion},"forbiddenTable":{"CG":{"T":4}},"subscriptionGroupTable":{"CG":${subscriptionGroup}}}`,
    codec(decodeSubscriptionGroupWrapper, encodeSubscriptionGroupWrapper),
  ],
  [
    'ConsumerConnection',
    `{"connectionSet":[${connection}],"consumeFromWhere":"CONSUME_FROM_FIRST_OFFSET","consumeType":"CONSUME_ACTIVELY",` +
      `"messageModel":"BROADCASTING","subscriptionTable":{"T":${subscription}}}`,
    codec(decodeConsumerConnection, encodeConsumerConnection),
  ],
  [
    'ProducerConnection',
    `{"connectionSet":[${connection}]}`,
    codec(decodeProducerConnection, encodeProducerConnection),
  ],
  [
    'ProducerTableInfo',
    '{"data":{"PG":[{"clientId":"c","language":"JAVA","lastUpdateTimestamp":1,"remoteIP":"/1.1.1.1:1","version":479}]}}',
    codec(decodeProducerTableInfo, encodeProducerTableInfo),
  ],
  [
    'ClusterInfo',
    `{"brokerAddrTable":{"broker-a":${broker}},"clusterAddrTable":{"DefaultCluster":["broker-a"]}}`,
    codec(decodeClusterInfo, encodeClusterInfo),
  ],
  [
    'BrokerMemberGroup',
    '{"brokerMemberGroup":{"brokerAddrs":{"0":"h:1"},"brokerName":"b","cluster":"c"}}',
    codec(decodeBrokerMemberGroup, encodeBrokerMemberGroup),
  ],
  ['KVTable', '{"table":{"InOrder":"java-broker:2"}}', codec(decodeKVTable, encodeKVTable)],
  ['TopicList', '{"brokerAddr":"h:1","topicList":["T"]}', codec(decodeTopicList, encodeTopicList)],
  ['GroupList', '{"groupList":["CG"]}', codec(decodeGroupList, encodeGroupList)],
  ['ConsumerList', '{"consumerIdList":["c1"]}', codec(decodeConsumerList, encodeConsumerList)],
]

/** Bodies that are written with queues as bare keys, here with the keys as text that both sides read. */
const keyedByQueues: typeof bodies = [
  [
    'TopicStatsTable',
    '{"offsetTable":{"{\\"brokerName\\":\\"b\\",\\"queueId\\":0,\\"topic\\":\\"T\\"}":{"lastUpdateTimestamp":0,' +
      '"maxOffset":5,"minOffset":0}},"topicPutTps":0.0}',
    codec(decodeTopicStatsTable, encodeTopicStatsTable),
  ],
  [
    'ConsumeStats',
    '{"consumeTps":0.2,"offsetTable":{"{\\"brokerName\\":\\"b\\",\\"queueId\\":0,\\"topic\\":\\"T\\"}":{"brokerOffset":10,' +
      '"consumerOffset":3,"lastTimestamp":0,"pullOffset":0}}}',
    codec(decodeConsumeStats, encodeConsumeStats),
  ],
]

/** Bodies with integers or queues as bare keys, as Java writes them. */
const barelyKeyed: typeof bodies = [
  [
    'ConsumeStatsList',
    '{"brokerAddr":"1.2.3.4:5","consumeStatsList":[{"CG":[{"consumeTps":0.5,"offsetTable":{{"brokerName":"b","queueId":0,' +
      '"topic":"T"}:{"brokerOffset":10,"consumerOffset":3,"lastTimestamp":7,"pullOffset":5}}}]},{"EMPTY":[]}],"totalDiff":7,' +
      '"totalInflightDiff":2}',
    codec(decodeConsumeStatsList, encodeConsumeStatsList),
  ],
  [
    'QueryCorrectionOffsetBody',
    '{"correctionOffsets":{0:5,1:9223372036854775807}}',
    codec(decodeCorrectionOffsets, encodeCorrectionOffsets),
  ],
  [
    'ResetOffsetBody',
    '{"offsetTable":{{"brokerName":"b","queueId":0,"topic":"T"}:7}}',
    codec(decodeResetOffsetBody, encodeResetOffsetBody),
  ],
  [
    'ConsumerOffsetManager',
    '{"dataVersion":{"counter":0,"stateVersion":0,"timestamp":1700000000000},"groupTopicMap":{"g1":["TopicTest"]},' +
      '"offsetTable":{"TopicTest@g1":{0:12,1:10},"TopicTest@g2@broadcast":{0:1}}}',
    codec(decodeConsumerOffsetTable, encodeConsumerOffsetTable),
  ],
]

/** The value with each of its parts in turn replaced by something of another type. */
function* variants(value: unknown): Generator {
  yield* [null, 7, 1e300, '', '{', true, [], [7], {}, { a: 7 }]
  if (typeof value !== 'object' || value === null) return
  for (const [key, part] of Object.entries(value)) {
    for (const variant of variants(part)) yield Array.isArray(value) ? [variant] : { ...value, [key]: variant }
  }
}

describe('bodies', () => {
  // Some hold the time of day.
  beforeAll(() => void vi.stubEnv('TZ', 'UTC'))

  test.each(bodies)('%s is read and written back to the same text', (_, text, { decode, encode }) => {
    expect(encode(decode(Buffer.from(text))).toString()).toBe(text)
  })

  test.each(bodies)('%s is standard JSON', (_, text, { decode, encode }) => {
    expect(JSON.parse(encode(decode(Buffer.from(text))).toString())).toEqual(JSON.parse(text))
  })

  test.each([...bodies, ...keyedByQueues])('what is no %s is refused', (_, __, { decode }) => {
    for (const text of ['', '[]', '7', '{', 'null', '\u0000\u0001']) {
      expect(() => decode(Buffer.from(text))).toThrow(
        expect.toSatisfy((error) => MqError.is(error) && error.code === 'REMOTING_COMMAND'),
      )
    }
  })

  test.each([...bodies, ...keyedByQueues])(
    'a %s with a value of another type anywhere is read or refused, nothing else',
    (_, text, { decode, encode }) => {
      for (const variant of variants(JSON.parse(text))) {
        try {
          encode(decode(Buffer.from(JSON.stringify(variant))))
        } catch (error) {
          if (!MqError.is(error)) throw error
        }
      }
    },
  )
})

/** The same body with the text of each queue as its key, as standard JSON has it. */
function textKeyed(body: string): string {
  return body.replaceAll(/\{"brokerName"[^}]*\}/g, (queue) => JSON.stringify(queue))
}

describe('forms only Java writes', () => {
  test.each(barelyKeyed)('%s is read and written back to the same text', (_, text, { decode, encode }) => {
    expect(encode(decode(Buffer.from(text))).toString()).toBe(text)
  })

  test.each(barelyKeyed)('%s with text as its keys reads the same', (_, text, { decode, encode }) => {
    const keyed = textKeyed(text).replaceAll(/([{,])(\d+):/g, '$1"$2":')
    expect(encode(decode(Buffer.from(keyed))).toString()).toBe(text)
    for (const variant of variants(JSON.parse(keyed))) {
      try {
        encode(decode(Buffer.from(JSON.stringify(variant))))
      } catch (error) {
        if (!MqError.is(error)) throw error
      }
    }
  })

  test('a route for old clients has its broker ids as bare keys, and both forms read the same', () => {
    const value = decodeTopicRouteData(Buffer.from(route))
    const bytes = encodeTopicRouteData(value, 'fastjson')
    expect(bytes.toString()).toBe(route.replace('"0":', '0:').replace('"1":', '1:'))
    expect(decodeTopicRouteData(bytes)).toEqual(value)
  })

  test('the offsets of a topic have its queues as bare keys, the only form in which a Java client reads several', () => {
    const text =
      '{"offsetTable":{{"brokerName":"b","queueId":3,"topic":"T"}:{"lastUpdateTimestamp":7,"maxOffset":4,"minOffset":0},' +
      '{"brokerName":"b","queueId":1,"topic":"T"}:{"lastUpdateTimestamp":8,"maxOffset":2,"minOffset":1}},"topicPutTps":0.2}'
    const value = decodeTopicStatsTable(Buffer.from(text))
    expect(value).toEqual({
      offsets: [
        {
          messageQueue: { topic: 'T', brokerName: 'b', queueId: 3 },
          minOffset: 0,
          maxOffset: 4,
          lastUpdateTimestamp: 7,
        },
        {
          messageQueue: { topic: 'T', brokerName: 'b', queueId: 1 },
          minOffset: 1,
          maxOffset: 2,
          lastUpdateTimestamp: 8,
        },
      ],
      topicPutTps: 0.2,
    })
    expect(encodeTopicStatsTable(value).toString()).toBe(text)
    expect(decodeTopicStatsTable(Buffer.from(textKeyed(text)))).toEqual(value)
  })

  test('where a group is has queues as bare keys, and is read with keys of text too', () => {
    const text =
      '{"consumeTps":0.2,"offsetTable":{{"brokerName":"b","queueId":0,"topic":"T"}:{"brokerOffset":10,"consumerOffset":3,' +
      '"lastTimestamp":0,"pullOffset":0}}}'
    const value = decodeConsumeStats(Buffer.from(text))
    expect(value.offsets).toEqual([
      {
        messageQueue: { topic: 'T', brokerName: 'b', queueId: 0 },
        brokerOffset: 10,
        consumerOffset: 3,
        pullOffset: 0,
        lastTimestamp: 0,
      },
    ])
    expect(encodeConsumeStats(value).toString()).toBe(text)
    expect(decodeConsumeStats(Buffer.from(textKeyed(text)))).toEqual(value)
  })

  test('numbers given as text and text given as numbers are read', () => {
    const text = '{"topicConfigList":[{"topicName":7,"perm":"4","readQueueNums":"1","order":"true"}]}'
    expect(decodeCreateTopicListBody(Buffer.from(text)).topicConfigList[0]).toMatchObject({
      topicName: '7',
      perm: 4,
      readQueueNums: 1,
      writeQueueNums: 16,
      order: true,
      topicFilterType: 'SINGLE_TAG',
    })
  })

  test('names of Object.prototype are topics like any other', () => {
    const text = `{"dataVersion":${dataVersion},"topicConfigTable":{"__proto__":{"topicName":"__proto__","perm":2}}}`
    const { topicConfigTable } = decodeTopicConfigWrapper(Buffer.from(text))
    expect([...topicConfigTable.keys()]).toEqual(['__proto__'])
    expect(topicConfigTable.get('__proto__')?.perm).toBe(2)
    expect(decodeKVTable(Buffer.from('{"table":{"constructor":"c"}}')).table.get('constructor')).toBe('c')
    expect(({} as Record<string, unknown>)['perm']).toBeUndefined()
  })

  test('a group that has no settings has those of Java', () => {
    expect(encodeSubscriptionGroupConfig(defaultSubscriptionGroupConfig('CG')).toString()).toBe(subscriptionGroup)
  })
})

describe('a compressed RegisterBrokerBody', () => {
  const mapping = '{"bname":"b","currIdMap":{0:0},"dirty":false,"epoch":3,"topic":"S","totalQueues":1}'
  const parts = [
    dataVersion,
    2,
    'T 8 8 6 SINGLE_TAG {"message.type":"NORMAL"}',
    'U 1 2 4 MULTI_TAG ',
    '["f:1"]',
    1,
    mapping,
  ]

  function compressed(content: readonly (string | number)[]): Buffer {
    const bytes = content.map((part) => {
      const number = Buffer.alloc(4)
      number.writeInt32BE(typeof part === 'number' ? part : Buffer.byteLength(part))
      return typeof part === 'number' ? number : Buffer.concat([number, Buffer.from(part)])
    })
    return deflateSync(Buffer.concat(bytes), { level: 9 })
  }

  function decode(content: readonly (string | number)[], version = protocolVersion(5, 0, 0)): RegisterBrokerBody {
    return decodeRegisterBrokerBody(compressed(content), { compressed: true, version })
  }

  test('is read, mappings included since 5.0.0', () => {
    const body = decode(parts)
    const { dataVersion: version, topicConfigTable, topicQueueMappingInfoMap } = body.topicConfigSerializeWrapper
    expect(version).toEqual({ counter: 1, stateVersion: 0, timestamp: 1_700_000_000_000 })
    expect(topicConfigTable.get('T')?.attributes.get('message.type')).toBe('NORMAL')
    expect(topicConfigTable.get('U')).toMatchObject({
      readQueueNums: 1,
      writeQueueNums: 2,
      perm: 4,
      topicFilterType: 'MULTI_TAG',
    })
    expect(body.filterServerList).toEqual(['f:1'])
    expect(topicQueueMappingInfoMap.get('S')?.totalQueues).toBe(1)
    const old = decode(parts.slice(0, 5), protocolVersion(4, 9, 8))
    expect(old.topicConfigSerializeWrapper.topicQueueMappingInfoMap.size).toBe(0)
  })

  test.each([
    ['ends early', parts.slice(0, 4)],
    ['counts more topics than it holds', [dataVersion, 2_000_000_000]],
    ['counts fewer than none', [dataVersion, -1]],
    ['holds a topic without queues', [dataVersion, 1, 'T', '[]', 0]],
    ['holds no data version', ['[]', 0, '[]', 0]],
  ])('that %s is refused', (_, content) => {
    expect(() => decode(content)).toThrow(expect.toSatisfy((error) => MqError.is(error)))
  })

  test('that is not compressed, or inflates beyond the bound, is refused', () => {
    const form = { compressed: true, version: 493 }
    expect(() => decodeRegisterBrokerBody(Buffer.from('{}'), form)).toThrow(/cannot be inflated/)
    const bomb = deflateSync(Buffer.alloc(65 * 1024 * 1024))
    expect(() => decodeRegisterBrokerBody(bomb, form)).toThrow(/cannot be inflated/)
  })
})
