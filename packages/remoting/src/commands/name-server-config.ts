import { defineCommand } from '../schema/command.js'
import { optional, string } from '../schema/field.js'

const kvKey = { namespace: string('namespace of the key'), key: string('name of the entry') }

/** Stores an entry of a name server's key-value configuration. */
export const PutKVConfig = defineCommand({
  code: 100,
  name: 'PUT_KV_CONFIG',
  access: 'admin',
  servedBy: ['nameServer'],
  request: { ...kvKey, value: string('text to store') },
})

/** Reads an entry of a name server's key-value configuration. */
export const GetKVConfig = defineCommand({
  code: 101,
  name: 'GET_KV_CONFIG',
  access: 'admin',
  servedBy: ['nameServer'],
  request: kvKey,
  response: { value: optional(string('text stored')) },
})

/** Deletes an entry of a name server's key-value configuration. */
export const DeleteKVConfig = defineCommand({
  code: 102,
  name: 'DELETE_KV_CONFIG',
  access: 'admin',
  servedBy: ['nameServer'],
  request: kvKey,
})

/** All entries of a namespace. */
export const GetKVListByNamespace = defineCommand({
  code: 219,
  name: 'GET_KVLIST_BY_NAMESPACE',
  access: 'admin',
  servedBy: ['nameServer'],
  request: { namespace: string('namespace to list') },
  responseBody: 'KVTable',
})

/** Changes a name server's configuration. */
export const UpdateNamesrvConfig = defineCommand({
  code: 318,
  name: 'UPDATE_NAMESRV_CONFIG',
  access: 'admin',
  servedBy: ['nameServer'],
  requestBody: 'properties text, key=value lines',
})

/** A name server's configuration. */
export const GetNamesrvConfig = defineCommand({
  code: 319,
  name: 'GET_NAMESRV_CONFIG',
  access: 'admin',
  servedBy: ['nameServer'],
  responseBody: 'properties text, key=value lines',
})
