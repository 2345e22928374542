import { RemotingCommand } from '@mq/remoting'
import { expect, test } from 'vitest'
import { resolveClientConfig } from './client-options.js'
import { clientRpcHooks } from './rpc-hooks.js'

test('hooks run in the order namespace, stream mark, own hook, zone', () => {
  const seen: object[] = []
  const rpcHook = {
    doBeforeRequest: (_address: string, request: RemotingCommand) => void seen.push({ ...request.extFields }),
    doAfterResponse() {},
  }
  const options = { namesrvAddr: 'a:1', namespaceV2: 'ns', enableStreamRequestType: true, rpcHook }
  const hooks = clientRpcHooks(resolveClientConfig(options), { ROCKETMQ_ZONE: 'east', ROCKETMQ_ZONE_MODE: 'true' })
  const request = new RemotingCommand(105)
  for (const hook of hooks) hook.doBeforeRequest('a:1', request)
  expect(seen).toEqual([{ nsd: 'true', ns: 'ns', ReqT: '0' }])
  expect({ ...request.extFields }).toEqual({
    nsd: 'true',
    ns: 'ns',
    ReqT: '0',
    __ZONE_NAME: 'east',
    __ZONE_MODE: 'true',
  })
})

test('without settings nothing is added to requests', () => {
  expect(clientRpcHooks(resolveClientConfig({ namesrvAddr: 'a:1' }), {})).toEqual([])
})
