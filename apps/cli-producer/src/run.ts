import { DefaultMQProducer, type ProducerOptions } from '@mq/client'
import type { Arguments } from './command-line.js'
import { ExitCode } from './process/interruption.js'
import type { Output } from './report/output.js'
import { showProgress } from './report/progress.js'
import { failureJson, resultJson, resultsOfMessages, resultText } from './report/result-text.js'
import { SendStatistics } from './report/send-statistics.js'
import { type RunFacts, summaryJson, summaryText } from './report/summary.js'
import { SendRun, type SendRunOptions } from './sending/send-run.js'
import { lineShipments, loadShipments, type Shipment, singleShipment } from './sending/shipment.js'

/** What a run works with. */
export interface RunContext {
  readonly output: Output
  readonly input: NodeJS.ReadableStream & AsyncIterable<Buffer> & { isTTY?: boolean; destroy(): unknown }
  /** Aborted when the user wants the run to end. */
  readonly stop: AbortSignal
  /** Whether failures are told with their stack. */
  readonly isDebugging: boolean
}

/** Milliseconds that answers may still take after an interruption. */
const PATIENCE_MS = 400
const CLOSE_TIMEOUT_MS = 300

/** Sends what the arguments ask for and reports it; resolves with the exit code. */
export async function run(args: Arguments, context: RunContext): Promise<number> {
  const producer = new DefaultMQProducer(producerOptions(args))
  await producer.start()
  const statistics = new SendStatistics()
  const progress = await showProgress(statistics, args.count)
  const over = new AbortController()
  const sending = new SendRun({ ...args, ...reporting(args, context), send: sender(producer, args), statistics, over })
  const sourceError = await settle(sending.sendAll(shipmentsOf(args, over.signal, context)), {
    over,
    stop: context.stop,
  })
  statistics.end()
  progress.stop()
  const interrupted = context.stop.aborted
  const facts = { topic: args.topic, requested: requestedOf(args), interrupted, unanswered: sending.unanswered }
  reportSummary(statistics, facts, { args, context })
  await producer.close({ timeoutMs: CLOSE_TIMEOUT_MS })
  if (sourceError !== undefined) context.output.complain(`the input cannot be read: ${sourceError.message}`)
  if (statistics.failed > 0 || sourceError !== undefined) return ExitCode.failure
  return interrupted ? ExitCode.interrupted : ExitCode.ok
}

function producerOptions({ namesrvAddr, producerGroup, timeoutMs, count }: Arguments): ProducerOptions {
  return {
    namesrvAddr,
    producerGroup,
    sendMsgTimeout: timeoutMs,
    // A load is to measure the size it was asked for.
    ...(count !== undefined && { compressMsgBodyOverHowmuch: Number.MAX_SAFE_INTEGER }),
  }
}

function sender(producer: DefaultMQProducer, { oneway, shardingKey }: Arguments): SendRunOptions['send'] {
  const destination = shardingKey === undefined ? {} : { shardingKey }
  return async ({ messages }) => {
    const [first] = messages
    if (first === undefined) throw new RangeError('a shipment holds at least one message')
    if (!oneway) return producer.send(messages.length === 1 ? first : messages, destination)
    await producer.sendOneway(first, destination)
    return undefined
  }
}

type Shipments = Iterator<Shipment> | AsyncIterator<Shipment>

function shipmentsOf(args: Arguments, over: AbortSignal, { input, output }: RunContext): Shipments {
  if (args.body !== undefined) return singleShipment(args, args.body)
  if (args.count !== undefined) return loadShipments(args, args.count)
  if (input.isTTY === true) output.say('Each line is a message; Ctrl-D ends.\n')
  over.addEventListener('abort', () => input.destroy(), { once: true })
  return lineShipments(args, input)
}

function requestedOf({ body, count }: Arguments): number | undefined {
  return body === undefined ? count : 1
}

type Reporting = Pick<SendRunOptions, 'messagesDiffer' | 'onSent' | 'onFailed'>

/** Documents for programs go to stdout, the first failure of each kind to stderr. */
function reporting(args: Arguments, { output, isDebugging }: RunContext): Reporting {
  const isLoad = args.count !== undefined
  return {
    messagesDiffer: args.body === undefined && !isLoad,
    onSent({ messages, firstNumber }, result) {
      if (isLoad) return
      if (result === undefined) {
        if (args.json)
          for (const index of messages.keys())
            output.data(JSON.stringify({ number: firstNumber + index, oneway: true }))
        return
      }
      for (const [index, each] of resultsOfMessages(result, messages.length).entries()) {
        if (args.json) output.data(resultJson(firstNumber + index, each))
        else if (args.body !== undefined) output.data(resultText(each))
      }
    },
    onFailed({ messages, firstNumber }, failure) {
      if (args.json && !isLoad)
        for (const index of messages.keys()) output.data(failureJson(firstNumber + index, failure))
      if (!failure.isFirstOfItsCode) return
      const stack = failure.cause instanceof Error ? (failure.cause.stack ?? failure.message) : failure.message
      output.complain(`${isDebugging ? stack : failure.message} [${failure.code}]`)
    },
  }
}

function reportSummary(
  statistics: SendStatistics,
  facts: RunFacts,
  { args, context: { output } }: { args: Arguments; context: RunContext },
): void {
  if (args.count !== undefined)
    output.data(args.json ? summaryJson(statistics, facts) : summaryText(statistics, facts).trimEnd())
  else if (args.body === undefined) output.say(summaryText(statistics, facts))
}

/** Waits for the run, after an interruption only for what comes at once; resolves with what its source threw. */
async function settle(
  running: Promise<void>,
  { over, stop }: { over: AbortController; stop: AbortSignal },
): Promise<Error | undefined> {
  let timer: NodeJS.Timeout | undefined
  const outOfPatience = new Promise<void>((resolve) => {
    const onStop = (): void => {
      over.abort()
      timer = setTimeout(resolve, PATIENCE_MS)
    }
    if (stop.aborted) onStop()
    else stop.addEventListener('abort', onStop, { once: true })
  })
  try {
    await Promise.race([running, outOfPatience])
    return undefined
  } catch (cause) {
    return cause instanceof Error ? cause : new Error(String(cause))
  } finally {
    clearTimeout(timer)
  }
}
