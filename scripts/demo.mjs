// The demo that `npm start` shows: the workspace is installed and built when this runs. `--exit` ends it when all was shown.
import { Buffer } from 'node:buffer'
import { createHash, randomUUID } from 'node:crypto'
import { startBroker, startProducer, stop } from './demo-programs.mjs'
import { countOf, openReader, queuesOf, readNewMessages } from './read-back.mjs'

const topic = 'Demo'
const count = 1000
const size = 1024
const number = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 })

const children = new Set()
let isStopping = false

const say = (line) => process.stdout.write(`${line}\n`)

/** One digest over bodies, whatever the order they were read in. */
function digestOf(bodies) {
  const sorted = bodies.map((body) => body.toString('latin1')).sort()
  return createHash('sha256').update(sorted.join('\n')).digest('hex')
}

/** What cli-producer promises that its load consists of: the alphabet over and over behind the number of the message. */
function expectedBodies() {
  return Array.from({ length: count }, (_, index) => {
    const body = Buffer.alloc(size, 'abcdefghijklmnopqrstuvwxyz')
    body.write(`${index + 1} `)
    return body
  })
}

async function sendLoad(namesrvAddr, run) {
  const producer = startProducer([
    ...['-n', namesrvAddr, '-t', topic, '--count', String(count), '--size', String(size)],
    ...['--concurrency', '32', '--property', `run=${run}`],
  ])
  children.add(producer)
  const summary = await producer.summary
  children.delete(producer)
  return summary
}

/** Sends, reads back and compares; true if everything that was sent is there as it was sent. */
async function showRoundTrip({ namesrvAddr, store }, reader) {
  const before = await queuesOf(reader, namesrvAddr, topic)
  const stored = countOf(before)
  say(
    `  store        ${store}${stored === 0 ? '' : ` (with ${number.format(stored)} messages of topic ${topic} from before)`}`,
  )
  say(`\nSending ${number.format(count)} messages of ${size} bytes to topic ${topic} with cli-producer`)
  const run = randomUUID()
  const { statuses, errors, messagesPerSecond, latencyMs } = await sendLoad(namesrvAddr, run)
  const outcomes = Object.entries({ ...statuses, ...errors }).map(([name, times]) => `${name} ${number.format(times)}`)
  say(`  statuses     ${outcomes.join(', ')}`)
  say(`  rate         ${number.format(messagesPerSecond)} messages/s`)
  if (latencyMs) say(`  latency      p50 ${latencyMs.p50.toFixed(2)} ms, p99 ${latencyMs.p99.toFixed(2)} ms`)

  say('\nReading every one back')
  const messages = await readNewMessages(reader, namesrvAddr, { topic, before })
  const bodies = messages.filter(({ properties }) => properties.get('run') === run).map(({ body }) => body)
  const digest = digestOf(bodies)
  const isSame = digest === digestOf(expectedBodies())
  say(`  read         ${number.format(bodies.length)} of ${number.format(count)} messages`)
  say(`  contents     ${isSame ? 'as they were sent' : 'NOT as they were sent'} (sha256 ${digest.slice(0, 16)}…)`)
  return isSame && bodies.length === count && statuses.SEND_OK === count
}

async function demo() {
  say('Starting a name server and a broker in one process')
  const server = await startBroker(say)
  children.add(server.child)
  say(`  name server  ${server.namesrvAddr}`)
  say(`  broker       ${server.brokerAddr}`)
  const reader = openReader()
  const isWhole = await showRoundTrip(server, reader).finally(() => reader.close())
  if (process.argv.includes('--exit')) return isWhole ? 0 : 1
  say('\nThe broker keeps serving; Ctrl-C ends it. Try this in another terminal:')
  say(`  npm run producer -- -n ${server.namesrvAddr} -t Orders "hello"`)
  const code = await server.child.ended
  children.delete(server.child)
  if (!isStopping) throw new Error(`the broker ended by itself: ${code}`)
  return code
}

async function stopAll() {
  const codes = await Promise.all([...children].map(stop))
  return codes.every((code) => code === 0) ? 0 : 1
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => {
    if (isStopping) return
    isStopping = true
    stopAll().then((code) => process.exit(code))
  })
}

try {
  const code = await demo()
  const stopCode = await stopAll()
  if (!isStopping) process.exit(code || stopCode)
} catch (error) {
  if (!isStopping) {
    process.stderr.write(`${error.message}\n`)
    await stopAll()
    process.exit(1)
  }
}
