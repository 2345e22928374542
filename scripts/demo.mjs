// The demo that `npm start` shows: the workspace is installed and built when this runs. `--exit` ends it when all was shown.
import { randomUUID } from 'node:crypto'
import { startBroker, startConsumer, startProducer, stop } from './demo-programs.mjs'
import { Receipts } from './demo-receipts.mjs'
import { ensureTopic } from './demo-topic.mjs'

const topic = 'Demo'
const group = 'demo'
const count = 1000
const size = 1024
/** Without a message for so long, the consumer gives up and the demo tells what is missing. */
const longestSilenceMs = 15_000
const number = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 })

const children = new Set()
let isStopping = false

const say = (line) => process.stdout.write(`${line}\n`)

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

/** Starts the consumer and waits until it has its queues. */
async function startConsuming(namesrvAddr, receipts) {
  const flags = ['--group', group, '--timeout', String(longestSilenceMs)]
  const consumer = startConsumer(['-n', namesrvAddr, '-t', topic, ...flags], (message) => receipts.add(message))
  children.add(consumer)
  await consumer.ready
  return consumer
}

/** Consumes what is sent meanwhile and compares; true if every message came exactly once, as it was sent. */
async function showRoundTrip({ namesrvAddr, store }) {
  const stored = await ensureTopic(namesrvAddr, topic)
  const before = stored === 0 ? '' : ` (with ${number.format(stored)} messages of topic ${topic} from before)`
  say(`  store        ${store}${before}`)

  const run = randomUUID()
  const receipts = new Receipts(run, { count, size })
  const consumer = await startConsuming(namesrvAddr, receipts)
  say(`\nSending ${number.format(count)} messages of ${size} bytes to topic ${topic} with cli-producer`)
  const { statuses, errors, messagesPerSecond, latencyMs } = await sendLoad(namesrvAddr, run)
  const outcomes = Object.entries({ ...statuses, ...errors }).map(([name, times]) => `${name} ${number.format(times)}`)
  say(`  statuses     ${outcomes.join(', ')}`)
  say(`  rate         ${number.format(messagesPerSecond)} messages/s`)
  if (latencyMs) say(`  latency      p50 ${latencyMs.p50.toFixed(2)} ms, p99 ${latencyMs.p99.toFixed(2)} ms`)

  say(`\nConsuming them as they come with cli-consumer, a push consumer of group ${group}`)
  await Promise.race([receipts.complete, consumer.ended])
  await stop(consumer)
  children.delete(consumer)
  await consumer.drained
  return showReceipts(receipts) && statuses.SEND_OK === count
}

function showReceipts(receipts) {
  const { received, repeated, isAsSent, latencyMs, digest } = receipts
  const once = repeated === 0 ? 'each exactly once' : `${number.format(repeated)} of them MORE THAN ONCE`
  say(`  consumed     ${number.format(received)} of ${number.format(count)} messages, ${once}`)
  say(`  contents     ${isAsSent ? 'as they were sent' : 'NOT as they were sent'} (sha256 ${digest.slice(0, 16)}…)`)
  if (latencyMs) say(`  end to end   p50 ${latencyMs.p50} ms, p99 ${latencyMs.p99} ms from sent to consumed`)
  return isAsSent && repeated === 0
}

async function demo() {
  say('Starting a name server and a broker in one process')
  const server = await startBroker(say)
  children.add(server.child)
  say(`  name server  ${server.namesrvAddr}`)
  say(`  broker       ${server.brokerAddr}`)
  const isWhole = await showRoundTrip(server)
  if (process.argv.includes('--exit')) return isWhole ? 0 : 1
  say('\nThe broker keeps serving; Ctrl-C ends it. Try these in two other terminals:')
  say(`  npm run consumer -- -n ${server.namesrvAddr} -t Orders`)
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
