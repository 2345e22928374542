#!/usr/bin/env -S node --max-semi-space-size=32
import { CommanderError } from 'commander'
import { buildProgram, type Invocation } from './command-line.js'
import {
  type ConfigurationSources,
  type LoadedConfiguration,
  loadBrokerConfiguration,
  loadNameServerConfiguration,
} from './configuration/load-configuration.js'
import { printConfiguration } from './configuration/print-configuration.js'
import { brokerServerTable } from './configuration/server-keys.js'
import { ExitCode } from './process/exit-code.js'
import { openLog } from './process/log.js'
import { explainStartFailure, type StartContext } from './process/start-failure.js'
import { endOnDefect, listenForStop } from './process/stop-request.js'
import { type Foreground, runBroker } from './server/run-broker.js'
import { runNameServer } from './server/run-name-server.js'

/** Set once the configuration is read, so that a failure can name where a value was given. */
let context: StartContext | undefined

async function run(invocation: Invocation): Promise<void> {
  const sources: ConfigurationSources = { ...invocation, environment: process.env }
  if (invocation.command === 'print') {
    process.stdout.write(printConfiguration(loadBrokerConfiguration(sources), brokerServerTable, invocation))
    return
  }
  if (invocation.command === 'namesrv') {
    const loaded = loadNameServerConfiguration(sources)
    await runNameServer(loaded.values, await foreground(loaded))
  } else {
    const loaded = loadBrokerConfiguration(sources)
    await runBroker(loaded.values, await foreground(loaded))
  }
}

async function foreground(loaded: LoadedConfiguration<object>): Promise<Foreground> {
  context = loaded
  const logger = await openLog(process.env)
  endOnDefect(logger)
  for (const warning of loaded.warnings) logger.warn(warning)
  if (loaded.withoutEffect.length > 0) {
    logger.info(`keys of Apache RocketMQ that have no effect here: ${loaded.withoutEffect.join(', ')}`)
  }
  const announce = (line: string): boolean => process.stdout.write(`${line}\n`)
  return { logger, stop: listenForStop(logger), announce }
}

// Whoever started the program may have stopped reading; it serves on all the same.
process.stdout.on('error', () => {})

const program = buildProgram(run).exitOverride()
for (const command of program.commands) {
  command.exitOverride()
  for (const nested of command.commands) nested.exitOverride()
}
program.parseAsync().then(
  () => process.exit(ExitCode.ok),
  (error: unknown) => {
    // commander has told the user already.
    if (error instanceof CommanderError) process.exit(error.exitCode === 0 ? ExitCode.ok : ExitCode.usage)
    const { exitCode, lines } = explainStartFailure(error, context)
    for (const line of lines) process.stderr.write(`broker-server: ${line}\n`)
    process.exit(exitCode)
  },
)
