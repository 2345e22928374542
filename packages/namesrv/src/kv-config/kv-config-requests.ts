import {
  answer,
  DeleteKVConfig,
  encodeKVTable,
  GetKVConfig,
  GetKVListByNamespace,
  type HandlerTable,
  PutKVConfig,
  ResponseCode,
  ResponseError,
} from '@mq/remoting'
import type { KVConfigManager } from './kv-config-manager.js'

/** Answers the requests of the key-value configuration. Java: DefaultRequestProcessor. */
export function serveKvConfig(handlers: HandlerTable, kvConfig: KVConfigManager): void {
  handlers.on(PutKVConfig, async ({ namespace, key, value }) => {
    await kvConfig.put(namespace, key, value)
    return answer({})
  })
  handlers.on(GetKVConfig, ({ namespace, key }) => {
    const value = kvConfig.get(namespace, key)
    if (value === undefined) throw notFound(`No config item, Namespace: ${namespace} Key: ${key}`)
    return { value }
  })
  handlers.on(DeleteKVConfig, async ({ namespace, key }) => {
    await kvConfig.delete(namespace, key)
    return answer({})
  })
  handlers.on(GetKVListByNamespace, ({ namespace }) => {
    const table = kvConfig.list(namespace)
    if (table === undefined) throw notFound(`No config item, Namespace: ${namespace}`)
    return answer({ body: encodeKVTable(table) })
  })
}

function notFound(remark: string): ResponseError {
  return new ResponseError(ResponseCode.QUERY_NOT_FOUND, remark)
}
