import type { RemotingCommand } from '../codec/remoting-command.js'

/**
 * Sees every request and its answer on one side of a connection; hooks run in the order they were given. A hook that throws a
 * ResponseError on a server decides the answer; on a client whatever it throws fails the call. Java: RPCHook.
 */
export interface RpcHook {
  /** Before a request is written (client) or handled (server); may change its extFields. */
  doBeforeRequest(remoteAddress: string, request: RemotingCommand): void
  /** After the answer arrived or before it is written; `response` is undefined when there will be none. */
  doAfterResponse(remoteAddress: string, request: RemotingCommand, response: RemotingCommand | undefined): void
}
