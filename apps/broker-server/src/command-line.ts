import { readFileSync } from 'node:fs'
import { Command, Option } from 'commander'
import type { Setting } from './configuration/setting.js'
import { settingOfAssignment } from './configuration/setting-sources.js'

/** What the command line asks for. */
export type Invocation =
  | ({ readonly command: 'broker' | 'namesrv' } & ConfigurationFlags)
  | ({ readonly command: 'print'; readonly effective: boolean; readonly json: boolean } & ConfigurationFlags)

/** What the command line says about the configuration. */
interface ConfigurationFlags {
  /** Path of the property file. */
  readonly file: string | undefined
  readonly flags: readonly Setting[]
  readonly isStrict: boolean
}

interface KeyFlag {
  readonly flags: string
  readonly key: string
  readonly description: string
}

const listenerFlags: readonly KeyFlag[] = [
  { flags: '--bind-address <address>', key: 'bindAddress', description: 'address to listen on' },
  { flags: '--listen-port <port>', key: 'listenPort', description: 'port to listen on; 0 takes a free one' },
]

const brokerFlags: readonly KeyFlag[] = [
  { flags: '-n, --namesrv-addr <host:port;...>', key: 'namesrvAddr', description: 'name servers to register at' },
  { flags: '--namesrv-port <port>', key: 'namesrvListenPort', description: 'port of the embedded name server' },
  ...listenerFlags,
  { flags: '--broker-name <name>', key: 'brokerName', description: 'name of this broker' },
  { flags: '--broker-ip1 <address>', key: 'brokerIP1', description: 'address that clients are told to connect to' },
  { flags: '--store <directory>', key: 'storePathRootDir', description: 'directory of the store' },
  { flags: '--flush-disk-type <type>', key: 'flushDiskType', description: 'ASYNC_FLUSH or SYNC_FLUSH' },
]

/** Builds the parser of the command line; `run` gets what a valid one asks for. */
export function buildProgram(run: (invocation: Invocation) => Promise<void>): Command {
  const program = new Command('broker-server')
    .description('A RocketMQ broker. Without namesrvAddr it brings its own name server, and needs nothing else.')
    .enablePositionalOptions()
    .showHelpAfterError('(broker-server --help tells what there is)')
    .addHelpText('after', examples)
    .option('-V, --version', 'print the version')
    .on('option:version', () => {
      process.stdout.write(`${ownVersion()}\n`)
      process.exit(0)
    })
  withConfiguration(program, brokerFlags).action((options: RawOptions) =>
    run({ command: 'broker', ...configurationOf(options, brokerFlags) }),
  )

  const namesrv = program.command('namesrv').description('run a name server alone')
  withConfiguration(namesrv, listenerFlags).action((options: RawOptions) =>
    run({ command: 'namesrv', ...configurationOf(options, listenerFlags) }),
  )

  const config = program.command('config').description('look at the configuration')
  const print = config.command('print').description('print the keys that were given, as a property file')
  withConfiguration(print, brokerFlags)
    .option('--effective', 'every key with the value in force')
    .option('--json', 'one JSON document: { key: { value, origin } }')
    .action((options: RawOptions) =>
      run({
        command: 'print',
        effective: options['effective'] === true,
        json: options['json'] === true,
        ...configurationOf(options, brokerFlags),
      }),
    )
  return program
}

const examples = `
Examples:
  broker-server                                      broker on 10911 and name server on 9876, on this machine alone
  broker-server -c broker.conf                       with a property file of Apache RocketMQ
  broker-server -c broker.conf -n 10.0.0.5:9876      registered at a name server that runs elsewhere
  broker-server --set brokerIP1=10.0.0.7 --set flushDiskType=SYNC_FLUSH
  broker-server namesrv --listen-port 9876           a name server alone
  broker-server config print --effective             every key, its value and where it comes from

Each key can also come from the environment: MQ_BROKER_NAME for brokerName, and so on. Order: defaults, file, environment, flags.
Exit codes: 0 stopped, 1 failure, 2 usage, 70 defect, 78 configuration.`

type RawOptions = Readonly<Record<string, unknown>>

function withConfiguration(command: Command, keyFlags: readonly KeyFlag[]): Command {
  command.option('-c, --config-file <file>', 'property file, as of Apache RocketMQ')
  for (const { flags, description } of keyFlags) command.option(flags, description)
  return command
    .option('--allow-insecure-public-listener', 'listen where other machines can reach it, with no authentication')
    .option('--set <key=value>', 'set any key; can be repeated', collect)
    .option('--strict-config', 'end with 78 on an unknown key instead of a warning')
}

function collect(given: string, before: readonly string[] = []): string[] {
  return [...before, given]
}

function configurationOf(options: RawOptions, keyFlags: readonly KeyFlag[]): ConfigurationFlags {
  const flags: Setting[] = []
  for (const { flags: spelling, key } of keyFlags) {
    const option = new Option(spelling)
    const text = options[option.attributeName()]
    if (typeof text === 'string') flags.push({ key, text, origin: option.long ?? spelling })
  }
  if (options['allowInsecurePublicListener'] === true) {
    flags.push({ key: 'allowInsecurePublicListener', text: 'true', origin: '--allow-insecure-public-listener' })
  }
  const assignments = (options['set'] ?? []) as readonly string[]
  const file = options['configFile'] as string | undefined
  return {
    file,
    flags: [...flags, ...assignments.map(settingOfAssignment)],
    isStrict: options['strictConfig'] === true,
  }
}

function ownVersion(): string {
  const manifest = readFileSync(new URL('../package.json', import.meta.url), 'utf8')
  return (JSON.parse(manifest) as { version: string }).version
}
