import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { GetMaxOffset, RemotingClient, UpdateAndCreateTopic } from '@mq/remoting'
import { freeBrokerPort, freePort } from '../tests/interop/free-port.js'
import { JavaNameServer } from '../tests/interop/java-name-server.js'
import { javaClassPath } from '../tests/interop/java-toolchain.js'

/** A broker in a process of its own, with an empty store. */
export interface MeasuredBroker extends AsyncDisposable {
  readonly name: string
  readonly pid: number
  readonly port: number
  /** Empty when it was started without one. */
  readonly namesrvAddr: string
  /** Milliseconds from the start of the process until its port accepted a connection. */
  readonly readyMs: number
}

/** How messages reach the disk. */
export type FlushDiskType = 'ASYNC_FLUSH' | 'SYNC_FLUSH'

const settings = (port: number, folder: string, flushDiskType: FlushDiskType): string =>
  [
    `listenPort=${port}`,
    'brokerName=measured',
    'brokerIP1=127.0.0.1',
    `storePathRootDir=${folder}/store`,
    `flushDiskType=${flushDiskType}`,
    // The defaults of Java's store for both, so that neither rolls files more often.
    'mappedFileSizeCommitLog=1073741824',
    'mappedFileSizeConsumeQueue=6000000',
    'maxHashSlotNum=5000000',
    'maxIndexNum=20000000',
    '',
  ].join('\n')

/** Our broker, as `broker-server` runs it, with its own name server. */
export async function startOurs(flushDiskType: FlushDiskType): Promise<MeasuredBroker> {
  const folder = mkdtempSync(join(tmpdir(), 'mq-benchmark-'))
  const port = await freePort()
  const namesrvPort = await freePort()
  const file = join(folder, 'broker.conf')
  writeFileSync(file, `${settings(port, folder, flushDiskType)}namesrvListenPort=${namesrvPort}\n`)
  const main = fileURLToPath(new URL('../apps/broker-server/dist/main.js', import.meta.url))
  // The flag of the program's first line.
  const command = [process.execPath, '--max-semi-space-size=32', main, '-c', file]
  return start('ours', { command, port, namesrvAddr: `127.0.0.1:${namesrvPort}`, folder })
}

/** The Java broker with the virtual machine's own defaults but for the heap; without a name server unless one is asked for. */
export async function startJava(
  flushDiskType: FlushDiskType,
  { hasNameServer = false }: { readonly hasNameServer?: boolean } = {},
): Promise<MeasuredBroker> {
  const nameServer = hasNameServer ? await JavaNameServer.start() : undefined
  const namesrvAddr = nameServer?.address ?? ''
  const folder = mkdtempSync(join(tmpdir(), 'mq-benchmark-'))
  const port = await freeBrokerPort()
  const file = join(folder, 'broker.conf')
  writeFileSync(
    file,
    `${settings(port, folder, flushDiskType)}namesrvAddr=${namesrvAddr || '127.0.0.1:1'}\nbrokerRole=ASYNC_MASTER\n`,
  )
  const home = [`-Duser.home=${folder}`, `-Drocketmq.home.dir=${folder}`]
  const main = ['-cp', await javaClassPath(), 'org.apache.rocketmq.broker.BrokerStartup', '-c', file]
  const command = ['java', '-Xms2g', '-Xmx2g', ...home, ...main]
  const broker = await start('Java', { command, port, namesrvAddr, folder })
  return {
    ...broker,
    async [Symbol.asyncDispose]() {
      await broker[Symbol.asyncDispose]()
      await nameServer?.[Symbol.asyncDispose]()
    },
  }
}

async function start(
  name: string,
  {
    command,
    port,
    namesrvAddr,
    folder,
  }: { command: readonly string[]; port: number; namesrvAddr: string; folder: string },
): Promise<MeasuredBroker> {
  const startedAt = performance.now()
  const [program = '', ...args] = command
  const child = spawn(program, args, { stdio: 'ignore', env: { ...process.env, ROCKETMQ_HOME: folder } })
  while (!(await accepts(port))) {
    if (child.exitCode !== null) throw new Error(`the ${name} broker ended with code ${child.exitCode}`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  const readyMs = performance.now() - startedAt
  return { name, pid: child.pid ?? 0, port, namesrvAddr, readyMs, [Symbol.asyncDispose]: () => stop(child, folder) }
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}

async function stop(child: ChildProcess, folder: string): Promise<void> {
  child.kill('SIGKILL')
  if (child.exitCode === null && child.signalCode === null) await new Promise((resolve) => child.once('close', resolve))
  rmSync(folder, { recursive: true, force: true })
}

/** Makes a topic with 8 queues. */
export async function createTopic(port: number, topic: string): Promise<void> {
  await using remoting = new RemotingClient()
  remoting.start()
  const header = {
    topic,
    defaultTopic: 'TBW102',
    readQueueNums: 8,
    writeQueueNums: 8,
    perm: 6,
    topicFilterType: 'SINGLE_TAG',
    order: false,
  } as const
  await remoting.invoke(`127.0.0.1:${port}`, UpdateAndCreateTopic, header, { timeoutMs: 60_000 })
}

/** Messages of a queue. */
export async function messagesInQueue({ port }: { port: number }, topic: string, queueId: number): Promise<number> {
  await using remoting = new RemotingClient()
  remoting.start()
  return (await remoting.invoke(`127.0.0.1:${port}`, GetMaxOffset, { topic, queueId }, { timeoutMs: 60_000 })).offset
}
