import { readFileSync } from 'node:fs'
import { parseProperties, PropertiesSyntaxError } from './properties.js'
import { ConfigurationError, type Setting } from './setting.js'

const variablePrefix = 'MQ_'

/** Reads the settings of a property file. Throws ConfigurationError when it cannot be read. */
export function settingsOfFile(path: string): Setting[] {
  return settingsOfText(path, readText(path))
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new ConfigurationError([`${path} cannot be read (${reason}): name an existing property file with -c`])
  }
}

function settingsOfText(path: string, text: string): Setting[] {
  try {
    return parseProperties(text).map(({ key, value, line }) => ({ key, text: value, origin: `${path}:${line}` }))
  } catch (cause) {
    if (!(cause instanceof PropertiesSyntaxError)) throw cause
    throw new ConfigurationError([`${path}:${cause.line}: ${cause.message}; write a backslash as \\\\`])
  }
}

/** The environment variable of a key: `MQ_BROKER_NAME` for brokerName. */
export function environmentVariable(key: string): string {
  const words = key.replace(/([a-z0-9])([A-Z])/g, '$1_$2').replace(/([A-Z])([A-Z][a-z])/g, '$1_$2')
  return variablePrefix + words.toUpperCase()
}

/**
 * The settings that the environment gives for known keys: `MQ_…` for each, and NAMESRV_ADDR as Apache RocketMQ reads it, which
 * MQ_NAMESRV_ADDR overrides.
 */
export function settingsOfEnvironment(environment: NodeJS.ProcessEnv, keys: readonly string[]): Setting[] {
  const settings: Setting[] = []
  const add = (key: string, variable: string): void => {
    const text = environment[variable]
    if (text !== undefined) settings.push({ key, text, origin: `environment variable ${variable}` })
  }
  if (keys.includes('namesrvAddr')) add('namesrvAddr', 'NAMESRV_ADDR')
  for (const key of keys) add(key, environmentVariable(key))
  return settings
}

/** The setting of a `--set key=value` flag. Throws ConfigurationError without an equals sign. */
export function settingOfAssignment(assignment: string): Setting {
  const at = assignment.indexOf('=')
  if (at < 1) throw new ConfigurationError([`--set ${assignment}: write it as --set key=value`])
  return { key: assignment.slice(0, at).trim(), text: assignment.slice(at + 1), origin: '--set' }
}
