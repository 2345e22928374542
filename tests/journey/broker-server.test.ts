import { once } from 'node:events'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { type AddressInfo, connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { Programs } from './programs.js'
import { storedBodies } from './stored-messages.js'

let programs: Programs
let folder: string

beforeAll(async () => {
  programs = await Programs.build()
})
afterAll(() => programs[Symbol.asyncDispose]())
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mq-broker-server-'))
})
afterEach(() => rm(folder, { recursive: true }))

const store = (): string => join(folder, 'store')

/** Sends one message and expects it to be acknowledged. */
async function send(namesrvAddr: string, body: string): Promise<void> {
  await using producer = programs.cliProducer(['-n', namesrvAddr, '-t', 'Orders', body])
  expect(await producer.ended).toMatchObject({ code: 0 })
}

/** Runs broker-server and expects it to end by itself with nothing on stdout. */
async function endingOf(
  args: readonly string[],
  environment?: NodeJS.ProcessEnv,
): Promise<[number | undefined, string]> {
  await using program = programs.brokerServer(args, environment)
  const { code, stdout, stderr } = await program.ended
  expect(stdout).toBe('')
  return [code, stderr]
}

describe('broker-server', () => {
  it('keeps what was sent over a restart, and says where it is in one line', async () => {
    {
      const { program, pid, namesrvAddr, ...ready } = await programs.readyBroker(['--store', store()])
      await using _ = program
      expect(ready.store).toBe(store())
      expect(pid).toBe(program.pid)
      await send(namesrvAddr, 'first')
      program.signal('SIGTERM')
      const { code, stdout } = await program.ended
      expect([code, stdout.split('\n').length]).toEqual([0, 2])
    }
    const { program, namesrvAddr } = await programs.readyBroker(['--store', store()])
    await using _ = program
    await send(namesrvAddr, 'second')
    expect(await storedBodies(namesrvAddr, 'Orders')).toEqual(['first', 'second'])
  })

  it('keeps what was acknowledged when it is killed', async () => {
    {
      const { program, namesrvAddr } = await programs.readyBroker(['--store', store()])
      await using _ = program
      await send(namesrvAddr, 'first')
      program.signal('SIGKILL')
      await program.ended
    }
    const { program, namesrvAddr } = await programs.readyBroker(['--store', store()])
    await using _ = program
    expect(await storedBodies(namesrvAddr, 'Orders')).toEqual(['first'])
  })

  it('ends at once with 1 on a second signal, whatever it waits for', async () => {
    const { program, brokerAddr } = await programs.readyBroker(['--store', store()])
    await using _ = program
    const [host, port] = brokerAddr.split(':')
    // This peer never closes its side, so that the first signal's stop takes as long as a stop may take.
    const peer = connect({ host: host!, port: Number(port), allowHalfOpen: true })
    await once(peer, 'connect')
    program.signal('SIGTERM')
    await program.untilStderr(/stopping: SIGTERM/)
    program.signal('SIGTERM')
    expect(await program.ended).toMatchObject({ code: 1 })
    peer.destroy()
  })

  it.each(['SIGINT', 'SIGHUP'] as const)('stops with 0 on %s', async (signal) => {
    const { program } = await programs.readyBroker(['--store', store()])
    await using _ = program
    program.signal(signal)
    expect(await program.ended).toMatchObject({ code: 0 })
  })

  it('stops with 0 when the parent that it has a channel to lets go', async () => {
    const { program } = await programs.readyBroker(['--store', store()])
    await using _ = program
    program.letGo()
    expect(await program.ended).toMatchObject({ code: 0 })
  })

  it('ends with 70 on a defect and leaves the abort file, so that the next start recovers', async () => {
    const { namesrvAddr, program } = await programs.readyBroker(['--store', store()], {
      NODE_OPTIONS: `--import=data:text/javascript,process.on('SIGUSR2',()=>{throw(new(Error)('a-defect'))})`,
    })
    await using _ = program
    await send(namesrvAddr, 'first')
    program.signal('SIGUSR2')
    const { code, stderr } = await program.ended
    expect(code).toBe(70)
    expect(stderr).toContain('a-defect')
    expect(await readdir(store())).toContain('abort')
  })

  it('names file, line, key and what would be right of a bad value, and ends with 78', async () => {
    const file = join(folder, 'broker.conf')
    await writeFile(file, '# a comment\nbrokerName=a\nlistenPort=99999\n')
    const [code, stderr] = await endingOf(['-c', file])
    expect(code).toBe(78)
    expect(stderr).toMatch(/^broker-server: .*broker\.conf:3: listenPort: 99999 is outside 0 to 65535[^\n]*\n$/)
  })

  it('warns of an unknown key, and ends with 78 when it is to be strict', async () => {
    const unknown = ['--store', store(), '--set', 'brokerNmae=a']
    const { program } = await programs.readyBroker(unknown)
    await using _ = program
    program.signal('SIGTERM')
    expect((await program.ended).stderr).toContain('brokerNmae: no such key; did you mean brokerName?')
    const [code, stderr] = await endingOf([...unknown, '--strict-config'])
    expect([code, stderr]).toEqual([78, 'broker-server: --set: brokerNmae: no such key; did you mean brokerName?\n'])
  })

  it('does not listen for other machines unless that is allowed', async () => {
    const [code, stderr] = await endingOf(['--bind-address', '0.0.0.0', '--store', store()])
    expect(code).toBe(78)
    expect(stderr).toContain('bindAddress=127.0.0.1')
    expect(stderr).toContain('allowInsecurePublicListener=true')
  })

  it.each([
    ['--listen-port', '--namesrv-port', 'listenPort'],
    ['--namesrv-port', '--listen-port', 'namesrvListenPort'],
  ])('names the port of %s and its key when the port is taken, and ends with 1', async (taken, other, key) => {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const [code, stderr] = await endingOf([taken, String(port), other, '0', '--store', store()])
    server.close()
    expect(code).toBe(1)
    expect(stderr).toMatch(
      new RegExp(`^broker-server: port ${port} is in use .* set ${key} to another port[^\\n]*\\n$`, 'm'),
    )
  })

  it('refuses a store whose files have another size, naming both sizes, and ends with 78', async () => {
    {
      const { program, namesrvAddr } = await programs.readyBroker(['--store', store()])
      await using _ = program
      await send(namesrvAddr, 'first')
      program.signal('SIGTERM')
      await program.ended
    }
    const ports = ['--listen-port', '0', '--namesrv-port', '0']
    const [code, stderr] = await endingOf([...ports, '--store', store(), '--set', 'mappedFileSizeCommitLog=1048576'])
    expect(code).toBe(78)
    expect(stderr).toMatch(
      /67108864 bytes, but mappedFileSizeCommitLog is 1048576; set mappedFileSizeCommitLog=67108864/,
    )
  })

  it("tells which lines to add when the small defaults meet a store of Java's sizes", async () => {
    {
      const { program, namesrvAddr } = await programs.readyBroker([
        ...['--store', store(), '--set', 'mappedFileSizeCommitLog=1073741824'],
      ])
      await using _ = program
      await send(namesrvAddr, 'first')
      program.signal('SIGTERM')
      await program.ended
    }
    const [code, stderr] = await endingOf(['--listen-port', '0', '--namesrv-port', '0', '--store', store()])
    expect(code).toBe(78)
    expect(stderr).toContain('mappedFileSizeCommitLog=1073741824, mappedFileSizeConsumeQueue=6000000')
  })

  it('names the process that has the store open, and ends with 1', async () => {
    const { program, pid } = await programs.readyBroker(['--store', store()])
    await using _ = program
    const [code, stderr] = await endingOf(['--listen-port', '0', '--namesrv-port', '0', '--store', store()])
    expect(code).toBe(1)
    expect(stderr).toContain(String(pid))
    expect(stderr).toContain('[STORE_LOCKED]')
  })

  it('warns when the address it advertises cannot be reached, and says what to set', async () => {
    const { program } = await programs.readyBroker(['--store', store(), '--broker-ip1', '127.0.0.2'])
    await using _ = program
    await program.untilStderr(/cannot be reached from here: set brokerIP1/)
  })

  it('registers at a name server that runs alone', async () => {
    await using nameServer = programs.brokerServer(['namesrv', '--listen-port', '0'], { HOME: folder })
    const [, address] = await nameServer.untilStdout(/^broker-server ready pid=\d+ namesrv=(\S+)\n/)
    const { program, namesrvAddr } = await programs.readyBroker(['-n', address!, '--store', store()])
    await using _ = program
    expect(namesrvAddr).toBe(address)
    await send(address!, 'first')
    nameServer.signal('SIGTERM')
    expect(await nameServer.ended).toMatchObject({ code: 0 })
  })

  it('prints its configuration as a property file that it reads', async () => {
    await using print = programs.brokerServer(['config', 'print', '--effective', '--broker-name', 'a'])
    const { code, stdout } = await print.ended
    expect(code).toBe(0)
    const file = join(folder, 'broker.conf')
    await writeFile(file, stdout)
    await using again = programs.brokerServer(['config', 'print', '--effective', '--strict-config', '-c', file])
    const values = (text: string): string[] => text.split('\n').filter((line) => !line.startsWith('#'))
    expect(values((await again.ended).stdout)).toEqual(values(stdout))
  })

  it.each([[['--frob']], [['frob']], [['config', 'frob']], [['--listen-port']]])('ends with 2 on %j', async (args) => {
    expect((await endingOf(args))[0]).toBe(2)
  })
})
