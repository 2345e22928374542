export {
  configBlackList,
  type NamesrvConfigKey,
  type NamesrvConfigValues,
  namesrvConfigKeys,
} from './configuration/namesrv-config.js'
export { KvConfigFileError, NamesrvConfigError, namesrvErrors, NamesrvStartError } from './errors.js'
export type { KvConfigFile } from './kv-config/kv-config-file.js'
export { NodeKvConfigFile } from './kv-config/node-kv-config-file.js'
export { NameServer, type NameServerOptions } from './name-server.js'
export { defaultNameServerLimits, type NameServerLimits } from './name-server-limits.js'
