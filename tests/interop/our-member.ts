import { OurConsumers } from './our-consumers.js'

/**
 * A push consumer in a process of its own, which can be killed. Arguments: NAMESRV GROUP TOPIC. Each request is a line, `deliveries` or
 * `queues`; the answer is a line of JSON. It ends with its input, and so cannot outlive the test that started it.
 */
const [namesrvAddr = '', group = '', topic = ''] = process.argv.slice(2)
const consumers = new OurConsumers(namesrvAddr)
const member = await consumers.push({ kind: 'concurrent', name: `member-${process.pid}`, group, topic })
process.stdout.write('"started"\n')

process.stdin.setEncoding('utf8').on('data', (requests: string) => {
  for (const request of requests.trim().split('\n')) {
    const answer = request === 'queues' ? member.queues() : member.deliveries(0)
    void answer.then((told) => process.stdout.write(`${JSON.stringify(told)}\n`))
  }
})
process.stdin.on('end', () => process.exit())
