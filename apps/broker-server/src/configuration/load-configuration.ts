import { resolve } from 'node:path'
import { keysWithoutEffect } from '@mq/broker'
import type { NamesrvConfigValues } from '@mq/namesrv'
import { effectiveConfig, type KeySpace, mergeSettings, type ValuesOf } from './effective-config.js'
import { refusePublicListener } from './public-listener.js'
import {
  brokerServerTable,
  defaultSettings,
  nameServerDefaults,
  nameServerKeysWithoutEffect,
  nameServerTable,
} from './server-keys.js'
import { ConfigurationError, type Setting } from './setting.js'
import { settingsOfEnvironment, settingsOfFile } from './setting-sources.js'

/** Where the settings of one start come from. */
export interface ConfigurationSources {
  /** The property file named with -c. */
  readonly file: string | undefined
  readonly environment: NodeJS.ProcessEnv
  readonly flags: readonly Setting[]
  /** Whether an unknown key ends the program. */
  readonly isStrict: boolean
}

/** A configuration that has been checked, with what there is to say about it. */
export interface LoadedConfiguration<V> {
  readonly values: V
  /** Where the value of a key was given; `default` for the table's own. */
  readonly originOf: (key: string) => string
  /** Keys that are accepted and do nothing. */
  readonly withoutEffect: readonly string[]
  /** One line for each unknown key. */
  readonly warnings: readonly string[]
}

/** The configuration of a broker with or without an embedded name server. */
export type BrokerServerConfig = ValuesOf<typeof brokerServerTable>

/** The configuration of a name server alone. */
export type NameServerConfig = NamesrvConfigValues & { readonly allowInsecurePublicListener: boolean }

/** Reads and checks the configuration of `broker-server`. Throws ConfigurationError. */
export function loadBrokerConfiguration(sources: ConfigurationSources): LoadedConfiguration<BrokerServerConfig> {
  const given = gather(sources, { table: brokerServerTable, withoutEffect: keysWithoutEffect })
  const hasNameServers = (given.known.get('namesrvAddr')?.text ?? '').trim() !== ''
  const known = new Map([...byKey(defaultSettings(hasNameServers)), ...given.known])
  const values = effectiveConfig(brokerServerTable, known)
  const loaded = { ...given, known, values: { ...values, storePathRootDir: resolve(values.storePathRootDir) } }
  return checked(loaded)
}

/** Reads and checks the configuration of `broker-server namesrv`. Throws ConfigurationError. */
export function loadNameServerConfiguration(sources: ConfigurationSources): LoadedConfiguration<NameServerConfig> {
  const given = gather(sources, { table: nameServerTable, withoutEffect: nameServerKeysWithoutEffect })
  const known = new Map([...byKey(nameServerDefaults), ...given.known])
  // The table was made of the very keys that the type lists.
  const values = effectiveConfig(nameServerTable, known) as unknown as NameServerConfig
  return checked({ ...given, known, values })
}

interface Gathered {
  readonly known: ReadonlyMap<string, Setting>
  readonly withoutEffect: readonly string[]
  readonly warnings: readonly string[]
}

function byKey(settings: readonly Setting[]): ReadonlyMap<string, Setting> {
  return new Map(settings.map((setting) => [setting.key, setting]))
}

/** Later sources override earlier ones: file, environment, flags. */
function gather({ file, environment, flags, isStrict }: ConfigurationSources, keys: KeySpace): Gathered {
  const settings = [
    ...(file === undefined ? [] : settingsOfFile(file)),
    ...settingsOfEnvironment(environment, Object.keys(keys.table)),
    ...flags,
  ]
  const { known, withoutEffect, unknown } = mergeSettings(settings, keys)
  if (isStrict && unknown.length > 0) throw new ConfigurationError(unknown)
  return { known, withoutEffect, warnings: unknown }
}

function checked<V extends { bindAddress: string; allowInsecurePublicListener: boolean }>(
  loaded: Gathered & { readonly values: V },
): LoadedConfiguration<V> {
  const { known, values, withoutEffect, warnings } = loaded
  const originOf = (key: string): string => known.get(key)?.origin ?? 'default'
  refusePublicListener(values, originOf('bindAddress'))
  return { values, originOf, withoutEffect, warnings }
}
