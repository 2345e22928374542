import { createExtFields, type RemotingCommand, type RpcHook } from '@mq/remoting'
import type { ClientConfig } from './client-config.js'

/**
 * The hooks of a client's requests, in Java's order: namespace, stream mark, the application's own, zone. Java: MQClientAPIImpl
 * constructor; NamespaceRpcHook, StreamTypeRPCHook, DynamicalExtFieldRPCHook.
 */
export function clientRpcHooks(config: ClientConfig, environment: NodeJS.ProcessEnv = process.env): RpcHook[] {
  const hooks: RpcHook[] = []
  if (config.namespaceV2 !== undefined && config.namespaceV2 !== '') {
    hooks.push(addingFields({ nsd: 'true', ns: config.namespaceV2 }))
  }
  if (config.enableStreamRequestType) hooks.push(addingFields({ ReqT: '0' }))
  if (config.rpcHook !== undefined) hooks.push(config.rpcHook)
  const zone = zoneFields(environment)
  if (Object.keys(zone).length > 0) hooks.push(addingFields(zone))
  return hooks
}

function zoneFields(environment: NodeJS.ProcessEnv): Record<string, string> {
  const { ROCKETMQ_ZONE: zone, ROCKETMQ_ZONE_MODE: mode } = environment
  return {
    ...(zone === undefined || zone === '' ? {} : { __ZONE_NAME: zone }),
    ...(mode === undefined || mode === '' ? {} : { __ZONE_MODE: mode }),
  }
}

function addingFields(fields: Readonly<Record<string, string>>): RpcHook {
  return {
    doBeforeRequest(_remoteAddress: string, request: RemotingCommand) {
      request.extFields = Object.assign(request.extFields ?? createExtFields(), fields)
    },
    doAfterResponse() {},
  }
}
