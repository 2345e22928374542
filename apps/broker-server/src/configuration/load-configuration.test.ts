import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { brokerConfigTable } from '@mq/broker'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  type BrokerServerConfig,
  type ConfigurationSources,
  type LoadedConfiguration,
  loadBrokerConfiguration,
  loadNameServerConfiguration,
} from './load-configuration.js'
import { printConfiguration } from './print-configuration.js'
import { parseProperties } from './properties.js'
import { brokerServerTable } from './server-keys.js'
import { ConfigurationError, type Setting } from './setting.js'
import { environmentVariable, settingOfAssignment } from './setting-sources.js'

let directory: string

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'mq-configuration-'))
})

afterEach(() => rmSync(directory, { recursive: true }))

function fileOf(text: string): string {
  const file = join(directory, 'broker.conf')
  writeFileSync(file, text)
  return file
}

function load(given: Partial<ConfigurationSources>): LoadedConfiguration<BrokerServerConfig> {
  return loadBrokerConfiguration({ file: undefined, environment: {}, flags: [], isStrict: false, ...given })
}

function problemsOf(given: Partial<ConfigurationSources>): readonly string[] {
  try {
    load(given)
  } catch (error) {
    if (error instanceof ConfigurationError) return error.problems
    throw error
  }
  return []
}

const flag = (key: string, text: string): Setting => ({ key, text, origin: `--${key}` })

describe('loadBrokerConfiguration', () => {
  it('takes flags before the environment, the environment before the file, and the file before defaults', () => {
    const file = fileOf('brokerName=file\nbrokerClusterName=file\nlistenPort=1\n')
    const environment = { MQ_BROKER_NAME: 'environment', MQ_LISTEN_PORT: '2' }
    const { values, originOf } = load({ file, environment, flags: [flag('listenPort', '3')] })
    expect(values).toMatchObject({
      brokerClusterName: 'file',
      brokerName: 'environment',
      listenPort: 3,
      brokerPermission: 6,
    })
    expect(['brokerClusterName', 'brokerName', 'listenPort', 'brokerPermission'].map(originOf)).toEqual([
      `${file}:2`,
      'environment variable MQ_BROKER_NAME',
      '--listenPort',
      'default',
    ])
  })

  it('reads NAMESRV_ADDR, and MQ_NAMESRV_ADDR before it', () => {
    expect(load({ environment: { NAMESRV_ADDR: 'a:1' } }).values.namesrvAddr).toBe('a:1')
    expect(load({ environment: { NAMESRV_ADDR: 'a:1', MQ_NAMESRV_ADDR: 'b:2' } }).values.namesrvAddr).toBe('b:2')
  })

  it('keeps files small without name servers, and takes the sizes of Java with them', () => {
    const laptop = load({}).values
    expect(laptop.mappedFileSizeCommitLog).toBe(64 * 1024 * 1024)
    expect(laptop.storePathRootDir).toBe(join(homedir(), 'mq-store'))
    const java = load({ flags: [flag('namesrvAddr', 'a:1')] }).values
    expect(java.mappedFileSizeCommitLog).toBe(brokerConfigTable.mappedFileSizeCommitLog.defaultValue)
    expect(java.maxIndexNum).toBe(brokerConfigTable.maxIndexNum.defaultValue)
    expect(java.storePathRootDir).toBe(join(homedir(), 'store'))
  })

  it('lets a given size stand beside the small defaults', () => {
    const { values } = load({ flags: [flag('mappedFileSizeCommitLog', '1073741824')] })
    expect(values.mappedFileSizeCommitLog).toBe(1_073_741_824)
    expect(values.mappedFileSizeConsumeQueue).toBeLessThan(6_000_000)
  })

  it('takes a relative store for one in the working directory', () => {
    expect(load({ flags: [flag('storePathRootDir', 'x')] }).values.storePathRootDir).toBe(join(process.cwd(), 'x'))
  })

  it.each([
    ['listenPort=99999', /broker\.conf:2: listenPort: 99999 is outside 0 to 65535/],
    ['listenPort=abc', /broker\.conf:2: listenPort: 'abc' is not a whole number/],
    ['autoCreateTopicEnable=yes', /broker\.conf:2: autoCreateTopicEnable: 'yes' is neither true nor false/],
    ['flushDiskType=SYNC', /broker\.conf:2: flushDiskType: 'SYNC' is not one of ASYNC_FLUSH, SYNC_FLUSH/],
    ['a=\\uZZ', /broker\.conf:2: \\u is not followed by four hexadecimal digits/],
    [
      'bindAddress=0.0.0.0',
      /broker\.conf:2: bindAddress: .*bindAddress=127\.0\.0\.1.*allowInsecurePublicListener=true/,
    ],
  ])('refuses %s in one line that names file, line, key and what would be right', (line, expected) => {
    const problems = problemsOf({ file: fileOf(`# comment\n${line}\n`) })
    expect(problems).toEqual([expect.stringMatching(expected)])
    expect(problems[0]).not.toContain('\n')
  })

  it('names every bad value, each with where it was given', () => {
    const problems = problemsOf({
      file: fileOf('brokerId=x\n'),
      environment: { MQ_LISTEN_PORT: '-1' },
      flags: [flag('traceOn', 'perhaps')],
    })
    expect(problems.map((problem) => problem.split(': ')[1])).toEqual(
      expect.arrayContaining(['brokerId', 'listenPort', 'traceOn']),
    )
    expect(problems.join('\n')).toMatch(/environment variable MQ_LISTEN_PORT: listenPort: -1 is outside 0 to 65535/)
  })

  it('listens for other machines when that is allowed', () => {
    const flags = [flag('bindAddress', '0.0.0.0'), flag('allowInsecurePublicListener', 'true')]
    expect(load({ flags }).values.bindAddress).toBe('0.0.0.0')
  })

  it.each(['127.0.0.1', '127.8.9.10', '::1', 'localhost'])('listens on %s without further ado', (address) => {
    expect(problemsOf({ flags: [flag('bindAddress', address)] })).toEqual([])
  })

  it.each(['', '::', '192.168.1.5', '1270.0.0.1', 'example.org'])(
    'does not take %j for this machine alone',
    (address) => {
      expect(problemsOf({ flags: [flag('bindAddress', address)] })).toHaveLength(1)
    },
  )

  it('warns of an unknown key with its nearest neighbour, and refuses it when strict', () => {
    const file = fileOf('brokerNmae=a\n')
    expect(load({ file }).warnings).toEqual([`${file}:1: brokerNmae: no such key; did you mean brokerName?`])
    expect(problemsOf({ file, isStrict: true })).toEqual([expect.stringContaining('did you mean brokerName?')])
  })

  it('accepts the broker.conf that comes with Apache RocketMQ, even when strict', () => {
    const stock =
      'brokerClusterName = DefaultCluster\nbrokerName = broker-a\nbrokerId = 0\ndeleteWhen = 04\n' +
      'fileReservedTime = 48\nbrokerRole = ASYNC_MASTER\nflushDiskType = ASYNC_FLUSH\n'
    const { values, warnings } = load({ file: fileOf(stock), isStrict: true })
    expect(values).toMatchObject({ brokerName: 'broker-a', brokerRole: 'ASYNC_MASTER' })
    expect(warnings).toEqual([])
  })

  it('names a key without effect once, however often it is given', () => {
    const file = fileOf('useEpollNativeSelector=true\nuseEpollNativeSelector=false\n')
    expect(load({ file }).withoutEffect).toEqual(['useEpollNativeSelector'])
  })

  it('names a file that is not there', () => {
    expect(problemsOf({ file: join(directory, 'none.conf') })).toEqual([
      expect.stringMatching(/none\.conf.*ENOENT.*-c/),
    ])
  })

  it('treats a key such as __proto__ as unknown', () => {
    expect(load({ file: fileOf('__proto__=1\nconstructor=2\n') }).warnings).toHaveLength(2)
  })
})

describe('loadNameServerConfiguration', () => {
  it('has keys of its own', () => {
    const sources = { file: undefined, environment: { MQ_LISTEN_PORT: '0' }, flags: [], isStrict: false }
    expect(loadNameServerConfiguration(sources).values).toMatchObject({ listenPort: 0, bindAddress: '127.0.0.1' })
  })
})

describe('environmentVariable', () => {
  it.each([
    ['brokerName', 'MQ_BROKER_NAME'],
    ['brokerIP1', 'MQ_BROKER_IP1'],
    ['mappedFileSizeCommitLog', 'MQ_MAPPED_FILE_SIZE_COMMIT_LOG'],
    ['checkCRCOnRecover', 'MQ_CHECK_CRC_ON_RECOVER'],
    ['namesrvAddr', 'MQ_NAMESRV_ADDR'],
  ])('the variable of %s is %s', (key, variable) => {
    expect(environmentVariable(key)).toBe(variable)
  })

  it('no two keys share a variable', () => {
    const variables = Object.keys(brokerServerTable).map(environmentVariable)
    expect(new Set(variables).size).toBe(variables.length)
  })
})

describe('settingOfAssignment', () => {
  it('takes everything behind the first equals sign for the value', () => {
    expect(settingOfAssignment('a=b=c')).toMatchObject({ key: 'a', text: 'b=c' })
  })

  it.each(['a', '=b', ''])('refuses %j', (assignment) => {
    expect(() => settingOfAssignment(assignment)).toThrow(ConfigurationError)
  })
})

describe('printConfiguration', () => {
  it('prints a property file that gives the same configuration again', () => {
    const first = load({ flags: [flag('brokerName', ' C:\\a b'), flag('namesrvAddr', 'a:1;b:2')] })
    const text = printConfiguration(first, brokerServerTable, { effective: true, json: false })
    expect(load({ file: fileOf(text) }).values).toEqual(first.values)
    expect(parseProperties(text)).toHaveLength(Object.keys(brokerServerTable).length)
  })

  it('leaves defaults out unless asked for the effective configuration', () => {
    const loaded = load({ flags: [flag('brokerName', 'a')] })
    const json = printConfiguration(loaded, brokerServerTable, { effective: false, json: true })
    expect(JSON.parse(json)).toEqual({ brokerName: { value: 'a', origin: '--brokerName' } })
  })
})
