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
    output.complain(describe(error))
    process.exit(ExitCode.failure)
  }
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const code = 'code' in error && typeof error.code === 'string' ? ` [${error.code}]` : ''
  return ((isDebugging ? error.stack : undefined) ?? error.message) + code
}

buildProgram(process.env, main)
  .parseAsync()
  .catch((error: unknown) => {
    if (!(error instanceof CommanderError)) throw error
    // commander has told the user already.
    process.exit(error.exitCode === 0 ? ExitCode.ok : ExitCode.usage)
  })
