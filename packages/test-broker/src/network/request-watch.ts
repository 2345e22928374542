import { LitePullMessage, PullMessage, type RemotingCommand, ResponseCode, type RpcHook } from '@mq/remoting'
import type { PulledQueue } from '../progress/pull-record.js'
import type { Activity } from '../time/activity.js'

/** Who hears of the requests of clients. */
export interface RequestWatchOptions {
  readonly activity: Activity
  readonly onPull: (queue: PulledQueue) => void
}

/** Sees every request: what is being handled counts as under way, except for pulls, which may wait; a pull that found something is a delivery. */
export class RequestWatch implements RpcHook {
  readonly #options: RequestWatchOptions

  constructor(options: RequestWatchOptions) {
    this.#options = options
  }

  doBeforeRequest(_remoteAddress: string, request: RemotingCommand): void {
    if (!isPull(request)) {
      this.#options.activity.begin()
      return
    }
    const { consumerGroup: group = '', topic = '', queueId = '' } = request.extFields ?? {}
    this.#options.onPull({ group, topic, queueId: Number(queueId) })
  }

  doAfterResponse(_remoteAddress: string, request: RemotingCommand, response: RemotingCommand | undefined): void {
    if (!isPull(request)) this.#options.activity.end()
    else if (response?.code === ResponseCode.SUCCESS) this.#options.activity.noteDelivery()
  }
}

function isPull({ code }: RemotingCommand): boolean {
  return code === PullMessage.code || code === LitePullMessage.code
}
