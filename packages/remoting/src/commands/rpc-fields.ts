import { boolean, optional, string } from '../schema/field.js'

/** Fields of every request that a broker may forward. Java: RpcRequestHeader. */
export interface RpcRequest {
  ns?: string
  nsd?: boolean
  bname?: string
  oway?: boolean
}

/** Fields of every request about a topic. Java: TopicRequestHeader, TopicQueueRequestHeader. */
export interface TopicRequest extends RpcRequest {
  lo?: boolean
}

/** The table of {@link RpcRequest}, spread into commands that inherit it. */
export /** Fields of every request that a broker may forward. Java: RpcRequestHeader. */
const rpcFields = {
  ns: optional(string('namespace of the caller')),
  nsd: optional(boolean('names in the request carry the namespace already')),
  bname: optional(string('name of the broker the request is meant for')),
  oway: optional(boolean('no answer is expected')),
}

/** The table of {@link TopicRequest}, spread into commands that inherit it. */
export /** Fields of every request about a topic. Java: TopicRequestHeader, TopicQueueRequestHeader. */
const topicFields = {
  ...rpcFields,
  lo: optional(boolean('false: forwarded for a static topic, its queue id is physical already')),
}
