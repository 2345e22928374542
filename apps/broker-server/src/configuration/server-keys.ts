import { homedir } from 'node:os'
import { join } from 'node:path'
import { brokerConfigTable, type ConfigEntry, type ConfigTable, type ConfigValue } from '@mq/broker'
import { type NamesrvConfigKey, namesrvConfigKeys } from '@mq/namesrv'
import type { Setting } from './setting.js'

const allowInsecurePublicListener: ConfigEntry<boolean> = {
  kind: 'boolean',
  defaultValue: false,
  meaning: 'whether to listen on an address that other machines can reach, with no authentication',
  changeable: false,
}

/** Keys of the program, not of the broker in it. */
const serverKeys = {
  namesrvListenPort: {
    kind: 'integer',
    defaultValue: 9876,
    min: 0,
    max: 65_535,
    meaning: 'port of the embedded name server, which runs while namesrvAddr is unset; 0 takes a free one',
    changeable: false,
  } satisfies ConfigEntry<number>,
  allowInsecurePublicListener,
}

/** Every key of `broker-server`. */
export const brokerServerTable = { ...brokerConfigTable, ...serverKeys } satisfies ConfigTable

/** Every key of `broker-server namesrv`. */
export const nameServerTable: ConfigTable = {
  ...Object.fromEntries(namesrvConfigKeys.map((key) => [key.name, entryOf(key)])),
  allowInsecurePublicListener,
}

function entryOf({ defaultValue, min, max, isHot }: NamesrvConfigKey): ConfigEntry<ConfigValue> {
  const kinds = { string: 'text', number: 'integer', boolean: 'boolean' } as const
  const kind = kinds[typeof defaultValue as keyof typeof kinds]
  const bounds = { ...(min !== undefined && { min }), ...(max !== undefined && { max }) }
  return { kind, defaultValue, ...bounds, meaning: '', changeable: isHot }
}

/** Keys of Apache RocketMQ's name server that mean nothing here: they tune thread pools and buffers that do not exist. */
export const nameServerKeysWithoutEffect: ReadonlySet<string> = new Set(
  `
    rocketmqHome configStorePath productEnvName clusterTest configBlackList enableControllerInNamesrv
    clientRequestThreadPoolNums clientRequestThreadPoolQueueCapacity defaultThreadPoolNums
    defaultThreadPoolQueueCapacity serverWorkerThreads serverCallbackExecutorThreads serverSelectorThreads
    serverOnewaySemaphoreValue serverAsyncSemaphoreValue serverSocketSndBufSize serverSocketRcvBufSize
    serverSocketBacklog serverPooledByteBufAllocatorEnable serverNettyWorkerGroupEnable
    enableShutdownGracefully shutdownWaitTimeSeconds useEpollNativeSelector writeBufferHighWaterMark
    writeBufferLowWaterMark
  `
    .trim()
    .split(/\s+/),
)

/** What stands in for the name server's own defaults: it keeps its key-value configuration where Java's does. */
export const nameServerDefaults: readonly Setting[] = [
  { key: 'kvConfigPath', text: join(homedir(), 'namesrv', 'kvConfig.json'), origin: 'default' },
]

const laptopSizes = {
  mappedFileSizeCommitLog: 64 * 1024 * 1024,
  mappedFileSizeConsumeQueue: 60_000 * 20,
  maxHashSlotNum: 100_000,
  maxIndexNum: 400_000,
}

/** The keys that decide over the sizes of a store's files. */
export const laptopSizeKeys = Object.keys(laptopSizes) as Array<keyof typeof laptopSizes>

/** Origin of the defaults that hold while the name server is embedded. */
export const laptopOrigin = 'default without namesrvAddr'

/**
 * What stands in for the broker's own defaults. A broker with name servers of its own gets Java's directory; one that embeds
 * its name server is taken for a laptop's: files so small that a fresh store takes a few megabytes.
 */
export function defaultSettings(hasNameServers: boolean): Setting[] {
  if (hasNameServers) return [{ key: 'storePathRootDir', text: join(homedir(), 'store'), origin: 'default' }]
  const directory = { key: 'storePathRootDir', text: join(homedir(), 'mq-store'), origin: laptopOrigin }
  const sizes = Object.entries(laptopSizes).map(([key, size]) => ({ key, text: String(size), origin: laptopOrigin }))
  return [directory, ...sizes]
}
