// `npm run broker -- ARGS`, and likewise `producer` and `consumer`: prepares the workspace, then becomes the program.
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { ensureReady, root } from './workspace.mjs'

const [app, ...args] = process.argv.slice(2)
ensureReady()

const main = join(root, 'apps', app, 'dist', 'main.js')
// As the first line of the broker's main.ts says: more room for young objects, so that a busy broker collects them less often.
const memory = app === 'broker-server' ? ['--max-semi-space-size=32'] : []
const child = spawn(process.execPath, ['--enable-source-maps', ...memory, main, ...args], {
  stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
})
// Ctrl-C in a terminal, and a signal to the whole process group, reach the program itself. A signal to this process alone is passed
// on by closing the channel: the program stops, and does not take it for a second signal, which would cut the stop short.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.connected && child.disconnect())
child.on('exit', (code, signal) => {
  if (signal === null) process.exit(code)
  process.removeAllListeners(signal)
  process.kill(process.pid, signal)
})
