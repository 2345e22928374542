import { readFileSync } from 'node:fs'
import { Command, InvalidArgumentError } from 'commander'
import { parseStartPosition, type StartPosition } from './start-position.js'

/** What the command line asks for. */
export interface Arguments {
  readonly namesrvAddr: string
  readonly topic: string
  /** Where to begin; undefined leaves it to the group, or to `last` without one. */
  readonly from: StartPosition | undefined
  /** Tags wanted, parted by `||`; `*` for all. */
  readonly tags: string
  /** Group to share messages with; undefined follows the topic by itself. */
  readonly group: string | undefined
  /** How many messages to consume; undefined has no end. */
  readonly count: number | undefined
  /** Milliseconds without a message after which the run ends; undefined waits for ever. */
  readonly timeoutMs: number | undefined
  readonly json: boolean
  readonly color: boolean
}

const examples = `
Examples:
  cli-consumer -t Orders                                   what comes from now on
  cli-consumer -t Orders --from first --timeout 2000       what is there, and an end
  cli-consumer -t Orders --from 2026-01-31T08:00 --tags 'created || paid'
  cli-consumer -t Orders --group billing --count 10        ten messages of a group, which has consumed them then
  cli-consumer -t Orders --json | jq -r .body

Exit codes: 0 as asked, 1 fewer messages than --count or a failure, 2 usage.`

/** Builds the parser of the command line; `run` gets what a valid one asks for. */
export function buildProgram(environment: NodeJS.ProcessEnv, run: (args: Arguments) => Promise<void>): Command {
  const program = new Command('cli-consumer')
  program
    .description('Shows the messages of a topic as they come, and how long they were under way.')
    .requiredOption('-t, --topic <topic>', 'topic to follow')
    .option(
      '-n, --namesrv-addr <host:port;...>',
      'name servers; NAMESRV_ADDR, or a name server on this machine, unless given',
      environment['NAMESRV_ADDR'] || '127.0.0.1:9876',
    )
    .option(
      '--from <first|last|time>',
      "where to begin: a time is ISO, yyyyMMddHHmmss or epoch milliseconds (default: last, or the group's offset)",
      startPosition,
    )
    .option('--tags <expression>', "tags wanted, such as 'created || paid'", '*')
    .option('--group <group>', 'consume as a member of this group; without it nobody else is disturbed')
    .option('--count <number>', 'end after so many messages', wholeNumber(1, Number.MAX_SAFE_INTEGER))
    .option('--timeout <ms>', 'end when no message has come for so many milliseconds', wholeNumber(1, 2 ** 31 - 1))
    .option('--json', 'stdout is JSON, a document a line for each message')
    .option('--no-color', 'no colours, as with NO_COLOR')
    .option('-V, --version', 'print the version')
    .on('option:version', () => {
      process.stdout.write(`${ownVersion()}\n`)
      process.exit(0)
    })
    .addHelpText('after', examples)
    .showHelpAfterError('(cli-consumer --help tells what there is)')
    .allowExcessArguments(false)
    .exitOverride()
    .action((options: RawOptions) => run(argumentsOf(options)))
  return program
}

interface RawOptions {
  readonly namesrvAddr: string
  readonly topic: string
  readonly from?: StartPosition
  readonly tags: string
  readonly group?: string
  readonly count?: number
  readonly timeout?: number
  readonly json?: boolean
  readonly color: boolean
}

function argumentsOf({ from, group, count, timeout, json, ...others }: RawOptions): Arguments {
  return { ...others, from, group, count, timeoutMs: timeout, json: json === true }
}

function startPosition(text: string): StartPosition {
  const position = parseStartPosition(text)
  if (position === undefined) {
    throw new InvalidArgumentError(
      'It must be first, last, or a time such as 2026-01-31T08:00, 20260131080000 or 1769846400000.',
    )
  }
  if (typeof position === 'object' && position.timestamp > Date.now()) {
    throw new InvalidArgumentError('That time is still to come: --from last shows what comes from now on.')
  }
  return position
}

function wholeNumber(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text)
    if (/^\d+$/.test(text) && value >= min && value <= max) return value
    throw new InvalidArgumentError(`It must be a whole number from ${min} to ${max}.`)
  }
}

function ownVersion(): string {
  const manifest = readFileSync(new URL('../package.json', import.meta.url), 'utf8')
  return (JSON.parse(manifest) as { version: string }).version
}
