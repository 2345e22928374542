import type { Arguments } from './command-line.js'
import { ConsumeRun } from './consuming/consume-run.js'
import { GroupMember } from './consuming/group-member.js'
import type { MessageSource, MessageSourceOptions } from './consuming/message-source.js'
import { TopicFollower } from './consuming/topic-follower.js'
import { ExitCode } from './process/interruption.js'
import { clientLog } from './report/client-log.js'
import { ConsumeStatistics } from './report/consume-statistics.js'
import { messageJson } from './report/message-document.js'
import { messageLine } from './report/message-line.js'
import type { Output } from './report/output.js'
import { showProgress } from './report/progress.js'
import { type RunFacts, summaryText } from './report/summary.js'

/** What a run works with. */
export interface RunContext {
  readonly output: Output
  /** Aborted when the user wants the run to end. */
  readonly stop: AbortSignal
  /** Whether everything the client logs is told. */
  readonly isDebugging: boolean
}

/** Consumes what the arguments ask for and reports it; resolves with the exit code. */
export async function run(args: Arguments, { output, stop, isDebugging }: RunContext): Promise<number> {
  const { count, timeoutMs, json } = args
  const statistics = new ConsumeStatistics()
  const style = { isColored: output.isDataColored }
  using consuming = new ConsumeRun({
    ...{ statistics, output, count, timeoutMs, stop },
    lineOf: (number, message, receivedTimestamp) =>
      json ? messageJson(number, message, receivedTimestamp) : messageLine(message, style),
  })
  const progress = showProgress(statistics, count)
  const source = sourceFor({
    args,
    logger: clientLog(output, { isDebugging, over: consuming.over }),
    take: (message) => consuming.take(message),
    onUnreadable: (sentence) => {
      statistics.countUnreadable()
      output.complain(sentence)
    },
    say: (sentence) => output.say(sentence),
  })
  try {
    await source.deliver(consuming.over)
  } finally {
    progress.stop()
  }
  const ending = consuming.ending ?? 'STOPPED'
  // Whoever closed stdout, as `head` does, has seen enough.
  if (ending === 'UNREAD') return ExitCode.ok
  return conclude(statistics, { ending, count, timeoutMs }, output)
}

function sourceFor(options: MessageSourceOptions): MessageSource {
  const { group } = options.args
  return group === undefined ? new TopicFollower(options) : new GroupMember(options, group)
}

function conclude(statistics: ConsumeStatistics, facts: RunFacts, output: Output): number {
  output.say(summaryText(statistics, facts).trimEnd())
  const isShort = facts.count !== undefined && statistics.consumed < facts.count
  return isShort ? ExitCode.failure : ExitCode.ok
}
