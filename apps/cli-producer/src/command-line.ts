import { readFileSync } from 'node:fs'
import { Command, InvalidArgumentError } from 'commander'

/** What the command line asks for. */
export interface Arguments {
  readonly namesrvAddr: string
  readonly topic: string
  /** The one message to send; undefined for load, and for lines from stdin. */
  readonly body: string | undefined
  /** Load: how many messages; undefined otherwise. */
  readonly count: number | undefined
  /** Load: bytes of each body. */
  readonly size: number
  /** Sends that may be waiting for their answer at once. */
  readonly concurrency: number
  /** Messages in one request at most. */
  readonly batch: number
  readonly tags: string | undefined
  readonly keys: string | undefined
  readonly properties: Readonly<Record<string, string>>
  readonly oneway: boolean
  readonly shardingKey: string | undefined
  readonly timeoutMs: number
  readonly producerGroup: string
  readonly json: boolean
  readonly color: boolean
}

const DEFAULT_CONCURRENCY = 64
const DEFAULT_SIZE = 1024
const LARGEST_BODY = 4_194_304

const examples = `
Examples:
  cli-producer -t Orders "hello"                                  one message
  cli-producer -t Orders --tags paid --keys o-17 --json "hello"   and its ids as JSON
  tail -f app.log | cli-producer -t Logs                          each line a message
  cli-producer -t Load --count 100000 --size 1024 --concurrency 256

Exit codes: 0 everything was sent, 1 something was not, 2 usage, 130 interrupted.`

/** Builds the parser of the command line; `run` gets what a valid one asks for. */
export function buildProgram(environment: NodeJS.ProcessEnv, run: (args: Arguments) => Promise<void>): Command {
  const program = new Command('cli-producer')
  program
    .description('Sends messages: the one given, the lines of stdin, or a load of many.')
    .argument('[body]', 'message to send; without it, and without --count, each line of stdin is one')
    .requiredOption('-t, --topic <topic>', 'topic to send to')
    .option(
      '-n, --namesrv-addr <host:port;...>',
      'name servers; NAMESRV_ADDR, or a name server on this machine, unless given',
      environment['NAMESRV_ADDR'] || '127.0.0.1:9876',
    )
    .option('--tags <tag>', 'tag that consumers can select by')
    .option('--keys <keys>', 'keys to find the messages by, parted by blanks')
    .option('--property <key=value>', 'a property of the application; can be repeated', addProperty)
    .option(
      '--sharding-key <key>',
      'messages with one key share a queue; sends one at a time unless --concurrency is given',
    )
    .option('--count <number>', 'load: how many messages to send', wholeNumber(1, Number.MAX_SAFE_INTEGER))
    .option('--size <bytes>', `load: bytes of each body (default: ${DEFAULT_SIZE})`, wholeNumber(1, LARGEST_BODY))
    .option(
      '--concurrency <number>',
      `sends in flight at most (default: ${DEFAULT_CONCURRENCY})`,
      wholeNumber(1, 65_535),
    )
    .option('--batch <number>', 'messages in one request at most', wholeNumber(1, 10_000), 1)
    .option('--oneway', 'do not wait for answers; nobody learns whether a message was stored')
    .option('--timeout <ms>', 'milliseconds that a send may take, retries included', wholeNumber(1, 2 ** 31 - 1), 3000)
    .option('--producer-group <group>', 'group that the broker knows the producer by', 'cli-producer')
    .option('--json', 'stdout is JSON: a document for each message, or one that sums a load up')
    .option('--no-color', 'no colours, as with NO_COLOR')
    .option('-V, --version', 'print the version')
    .on('option:version', () => {
      process.stdout.write(`${ownVersion()}\n`)
      process.exit(0)
    })
    .addHelpText('after', examples)
    .showHelpAfterError('(cli-producer --help tells what there is)')
    .exitOverride()
    .action((body: string | undefined, options: RawOptions) => {
      refuseContradictions(program, body, options)
      return run(argumentsOf(body, options))
    })
  return program
}

interface RawOptions {
  readonly namesrvAddr: string
  readonly topic: string
  readonly tags?: string
  readonly keys?: string
  readonly property?: Readonly<Record<string, string>>
  readonly shardingKey?: string
  readonly count?: number
  readonly size?: number
  readonly concurrency?: number
  readonly batch: number
  readonly oneway?: boolean
  readonly timeout: number
  readonly producerGroup: string
  readonly json?: boolean
  readonly color: boolean
}

function refuseContradictions(program: Command, body: string | undefined, options: RawOptions): void {
  const { count, size, batch, oneway } = options
  if (body !== undefined && count !== undefined) {
    program.error('error: a body and --count exclude each other: --count makes its own bodies of --size bytes')
  }
  if (body === '') program.error('error: the body is empty, which RocketMQ does not store: give it some text')
  if (size !== undefined && count === undefined)
    program.error('error: --size belongs to --count: say how many messages')
  if (oneway === true && batch > 1)
    program.error('error: a batch cannot be sent one-way: leave out --batch or --oneway')
}

function argumentsOf(body: string | undefined, options: RawOptions): Arguments {
  const { property = {}, timeout, size = DEFAULT_SIZE, shardingKey, concurrency } = options
  return {
    ...options,
    body,
    count: options.count,
    tags: options.tags,
    keys: options.keys,
    size,
    shardingKey,
    concurrency: concurrency ?? (shardingKey === undefined ? DEFAULT_CONCURRENCY : 1),
    properties: property,
    timeoutMs: timeout,
    oneway: options.oneway === true,
    json: options.json === true,
  }
}

function wholeNumber(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text)
    if (/^\d+$/.test(text) && value >= min && value <= max) return value
    throw new InvalidArgumentError(`It must be a whole number from ${min} to ${max}.`)
  }
}

function addProperty(text: string, properties: Readonly<Record<string, string>> = {}): Record<string, string> {
  const at = text.indexOf('=')
  if (at < 1) throw new InvalidArgumentError('Write it as key=value.')
  return { ...properties, [text.slice(0, at)]: text.slice(at + 1) }
}

function ownVersion(): string {
  const manifest = readFileSync(new URL('../package.json', import.meta.url), 'utf8')
  return (JSON.parse(manifest) as { version: string }).version
}
