import { homedir } from 'node:os'
import { join } from 'node:path'
import { brokerConfigTable, type ConfigEntry, type ConfigTable } from '@mq/broker'
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
export const nameServerTable = {
  listenPort: {
    kind: 'integer',
    defaultValue: 9876,
    min: 0,
    max: 65_535,
    meaning: 'port to listen on; 0 takes a free one',
    changeable: false,
  } satisfies ConfigEntry<number>,
  bindAddress: brokerConfigTable.bindAddress,
  kvConfigPath: {
    kind: 'text',
    defaultValue: join(homedir(), 'namesrv', 'kvConfig.json'),
    meaning: 'file that keeps the key-value configuration',
    changeable: false,
  } satisfies ConfigEntry<string>,
  allowInsecurePublicListener,
} satisfies ConfigTable

/** Keys of Apache RocketMQ's name server that mean nothing here. */
export const nameServerKeysWithoutEffect: ReadonlySet<string> = new Set()

/**
 * What stands in for the broker's own defaults. A broker with name servers of its own gets Java's directory; one that embeds
 * its name server is taken for a laptop's: files so small that a fresh store takes a few megabytes.
 */
export function defaultSettings(hasNameServers: boolean): Setting[] {
  if (hasNameServers) return [{ key: 'storePathRootDir', text: join(homedir(), 'store'), origin: 'default' }]
  const origin = laptopOrigin
  return [
    { key: 'storePathRootDir', text: join(homedir(), 'mq-store'), origin },
    { key: 'mappedFileSizeCommitLog', text: '67108864', origin },
    { key: 'mappedFileSizeConsumeQueue', text: '1200000', origin },
    { key: 'maxHashSlotNum', text: '100000', origin },
    { key: 'maxIndexNum', text: '400000', origin },
  ]
}

/** Origin of the defaults that hold while the name server is embedded. */
export const laptopOrigin = 'default without namesrvAddr'
