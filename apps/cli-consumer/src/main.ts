#!/usr/bin/env node
import { CommanderError } from 'commander'
import { type Arguments, buildProgram } from './command-line.js'
import { ExitCode, listenForInterruption } from './process/interruption.js'
import { Output } from './report/output.js'
import { run } from './run.js'

const isDebugging = (process.env['DEBUG'] ?? '') !== ''

async function main(args: Arguments): Promise<void> {
  const output = new Output({ color: args.color, environment: process.env })
  try {
    process.exit(await run(args, { output, stop: listenForInterruption(), isDebugging }))
  } catch (error) {
    const text = error instanceof Error ? ((isDebugging ? error.stack : undefined) ?? error.message) : String(error)
    output.complain(text)
    process.exit(ExitCode.failure)
  }
}

buildProgram(process.env, main)
  .parseAsync()
  .catch((error: unknown) => {
    if (!(error instanceof CommanderError)) throw error
    // commander has told the user already.
    process.exit(error.exitCode === 0 ? ExitCode.ok : ExitCode.usage)
  })
