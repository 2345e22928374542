import { inflateSync } from 'node:zlib'
import { RemotingCommandError } from '../errors.js'
import {
  asJsonObject,
  decodeJsonBody,
  encodeJsonBody,
  integerOf,
  isJsonObject,
  listMember,
  textOf,
} from '../codec/json-body.js'
import { parseJavaJson } from '../codec/java-json-parser.js'
import { protocolVersion } from '../codec/protocol-version.js'
import { decodeDataVersion } from './data-version.js'
import {
  readTopicConfig,
  readTopicConfigAndMapping,
  type TopicConfig,
  topicConfigAndMappingRecord,
  type TopicConfigAndMappingWrapper,
} from './topic-config.js'
import { readTopicQueueMappingInfo, type TopicQueueMappingInfo } from './topic-queue-mapping.js'

/** What a broker tells a name server about itself. Java: RegisterBrokerBody. */
export interface RegisterBrokerBody {
  readonly topicConfigSerializeWrapper: TopicConfigAndMappingWrapper
  readonly filterServerList: readonly string[]
}

/** How a body was sent; both are in the request. */
export interface RegisterBrokerForm {
  /** The header's `compressed`. */
  readonly compressed: boolean
  /** Version of the sender: since 5.0.0 a compressed body ends in mappings. */
  readonly version: number
}

/** The most bytes a compressed body may stand for. */
const maxInflatedSize = 64 * 1024 * 1024
const firstVersionWithMappings: number = protocolVersion(5, 0, 0)

/** Body of REGISTER_BROKER, not compressed: name servers in Java cannot be told otherwise. */
export function encodeRegisterBrokerBody(body: RegisterBrokerBody): Buffer {
  return encodeJsonBody({
    filterServerList: body.filterServerList,
    topicConfigSerializeWrapper: topicConfigAndMappingRecord(body.topicConfigSerializeWrapper),
  })
}

/** Body of REGISTER_BROKER, plain or compressed. @throws RemotingCommandError when it is neither. */
export function decodeRegisterBrokerBody(
  bytes: Buffer,
  form: RegisterBrokerForm = { compressed: false, version: 0 },
): RegisterBrokerBody {
  return form.compressed ? decodeCompressed(bytes, form.version) : decodePlain(bytes)
}

function decodePlain(bytes: Buffer): RegisterBrokerBody {
  const object = decodeJsonBody(bytes, 'RegisterBrokerBody')
  const wrapper = asJsonObject(object['topicConfigSerializeWrapper'])
  return {
    topicConfigSerializeWrapper: readTopicConfigAndMapping(wrapper),
    filterServerList: listMember(object, 'filterServerList', textOf),
  }
}

function decodeCompressed(bytes: Buffer, version: number): RegisterBrokerBody {
  const parts = new PartReader(inflate(bytes))
  const dataVersion = decodeDataVersion(parts.next())
  const topicConfigTable = new Map<string, TopicConfig>()
  for (let count = parts.count(); count > 0; count--) {
    const config = parseTopicConfigText(parts.next().toString())
    topicConfigTable.set(config.topicName, config)
  }
  const filterServers = parseJavaJson(parts.next().toString())
  const topicQueueMappingInfoMap = new Map<string, TopicQueueMappingInfo>()
  if (version >= firstVersionWithMappings) {
    for (let count = parts.count(); count > 0; count--) {
      const info = readTopicQueueMappingInfo(decodeJsonBody(parts.next(), 'TopicQueueMappingInfo'))
      if (info.topic !== undefined) topicQueueMappingInfoMap.set(info.topic, info)
    }
  }
  return {
    topicConfigSerializeWrapper: {
      dataVersion,
      mappingDataVersion: dataVersion,
      topicConfigTable,
      topicQueueMappingDetailMap: new Map(),
      topicQueueMappingInfoMap,
    },
    filterServerList: Array.isArray(filterServers) ? filterServers.filter((item) => typeof item === 'string') : [],
  }
}

function inflate(bytes: Buffer): Buffer {
  try {
    return inflateSync(bytes, { maxOutputLength: maxInflatedSize })
  } catch (cause) {
    throw new RemotingCommandError('the compressed RegisterBrokerBody cannot be inflated', { cause })
  }
}

/** Reads the parts of an inflated body, each with its length before it. */
class PartReader {
  readonly #bytes: Buffer
  #offset = 0

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  count(): number {
    if (this.#offset + 4 > this.#bytes.length) throw truncated()
    const count = this.#bytes.readInt32BE(this.#offset)
    this.#offset += 4
    // Each of the things counted takes at least the four bytes of its length.
    if (count < 0 || count * 4 > this.#bytes.length - this.#offset) throw truncated()
    return count
  }

  next(): Buffer {
    if (this.#offset + 4 > this.#bytes.length) throw truncated()
    const start = this.#offset + 4
    const size = this.#bytes.readInt32BE(this.#offset)
    if (size < 0 || start + size > this.#bytes.length) throw truncated()
    this.#offset = start + size
    return this.#bytes.subarray(start, start + size)
  }
}

function truncated(): RemotingCommandError {
  return new RemotingCommandError('the compressed RegisterBrokerBody ends before what it announces')
}

/** `T 8 8 6 SINGLE_TAG {"message.type":"NORMAL"}`. Java: TopicConfig#decode. */
function parseTopicConfigText(text: string): TopicConfig {
  const [topicName = '', readQueueNums, writeQueueNums, perm, topicFilterType, attributes] = text.split(' ')
  const numbers = [readQueueNums, writeQueueNums, perm].map(integerOf)
  if (topicName === '' || numbers.includes(undefined)) {
    throw new RemotingCommandError(`"${text.slice(0, 200)}" in the compressed RegisterBrokerBody is no topic`)
  }
  const parsed = attributes === undefined || attributes === '' ? undefined : parseJavaJson(attributes)
  return readTopicConfig(
    Object.assign(Object.create(null), {
      topicName,
      readQueueNums: numbers[0],
      writeQueueNums: numbers[1],
      perm: numbers[2],
      topicFilterType,
      attributes: isJsonObject(parsed) ? parsed : undefined,
    }),
  )
}
