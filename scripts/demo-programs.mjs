// The programs that the demo runs: how they are started, heard and ended.
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { clearTimeout, setTimeout } from 'node:timers'
import { root } from './workspace.mjs'

const stopTimeoutMs = 15_000

/**
 * Starts one of the apps. Its IPC channel ends it gracefully when it is disconnected, or when this process dies; a terminal's
 * Ctrl-C reaches it besides, which a signal passed on from here would double.
 */
function start(app, args, stdio) {
  const main = join(root, 'apps', app, 'dist', 'main.js')
  // The demo is about a broker of its own, whatever name server this shell is set up for.
  const env = { LOG_LEVEL: 'warn', ...process.env }
  delete env.NAMESRV_ADDR
  delete env.MQ_NAMESRV_ADDR
  const child = spawn(process.execPath, ['--enable-source-maps', main, ...args], {
    env,
    stdio: ['ignore', 'pipe', ...stdio, 'ipc'],
  })
  child.ended = new Promise((resolve) => child.on('exit', (code, signal) => resolve(signal ?? code)))
  return child
}

/** Ends a program gracefully; resolves with its exit code. */
export async function stop(child) {
  if (child.connected) child.disconnect()
  const timer = setTimeout(() => child.kill('SIGKILL'), stopTimeoutMs)
  const code = await child.ended
  clearTimeout(timer)
  return code
}

/** Whether nobody listens on a port of the loopback address. */
function isFree(port) {
  return new Promise((resolve) => {
    const server = createServer()
    server.on('error', () => resolve(false))
    server.listen({ port, host: '127.0.0.1' }, () => server.close(() => resolve(true)))
  })
}

/** Starts name server and broker in one process; resolves with what its ready line says, or throws what it died of. */
export async function startBroker(say) {
  const ports = []
  for (const [flag, port, what] of [
    ['--namesrv-port', 9876, 'name server'],
    ['--listen-port', 10911, 'broker'],
  ]) {
    const free = await isFree(port)
    if (!free) say(`  port ${port} is in use, so the ${what} takes a free one`)
    ports.push(flag, free ? String(port) : '0')
  }
  const outcome = await launch(ports)
  if (outcome.failure?.includes('[STORE_LOCKED]') !== true) return unlessFailed(outcome)
  const store = mkdtempSync(join(tmpdir(), 'mq-demo-'))
  say(`  another broker has the store open, so this run uses ${store} and removes it at the end`)
  process.on('exit', () => rmSync(store, { recursive: true, force: true }))
  return unlessFailed(await launch([...ports, '--store', store]))
}

function unlessFailed({ failure, ...server }) {
  if (failure !== undefined) throw new Error(failure)
  return server
}

async function launch(args) {
  const child = start('broker-server', args, ['pipe'])
  let complaint = ''
  let isReady = false
  child.stderr.setEncoding('utf8').on('data', (text) => {
    if (isReady) process.stderr.write(text)
    else complaint += text
  })
  const lines = createInterface({ input: child.stdout })
  const line = await Promise.race([new Promise((resolve) => lines.once('line', resolve)), child.ended])
  if (typeof line !== 'string' || !line.includes(' ready ')) return { failure: complaint.trim() || `it ended: ${line}` }
  isReady = true
  process.stderr.write(complaint)
  const fields = Object.fromEntries(
    [...line.matchAll(/(\w+)=(\S+(?: (?!\w+=)\S+)*)/g)].map(([, key, value]) => [key, value]),
  )
  return { child, namesrvAddr: fields.namesrv, brokerAddr: fields.broker, store: fields.store }
}

/** Starts the producer; `summary` resolves with the JSON document it prints. Its progress bar goes to this terminal. */
export function startProducer(args) {
  const child = start('cli-producer', ['--json', ...args], ['inherit'])
  let text = ''
  child.stdout.setEncoding('utf8').on('data', (chunk) => (text += chunk))
  child.summary = child.ended.then((code) => {
    if (text === '') throw new Error(`cli-producer ended with ${code}`)
    return JSON.parse(text)
  })
  return child
}

/**
 * Starts a consumer; `onMessage` gets each document it prints. `ready` resolves when it has its queues and rejects when it ends
 * before, `drained` when everything it printed was read.
 */
export function startConsumer(args, onMessage) {
  const child = start('cli-consumer', ['--json', ...args], ['pipe'])
  const lines = createInterface({ input: child.stdout }).on('line', (line) => onMessage(JSON.parse(line)))
  child.drained = new Promise((resolve) => lines.once('close', resolve))
  let talk = ''
  child.ready = new Promise((resolve, reject) => {
    child.stderr.setEncoding('utf8').on('data', (text) => {
      talk += text
      if (/: \d+ of \d+ queues\n/.test(talk)) resolve()
    })
    child.ended.then((code) => reject(new Error(talk.trim() || `cli-consumer ended with ${code}`)))
  })
  return child
}
