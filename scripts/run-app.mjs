// `npm run broker -- ARGS` and `npm run producer -- ARGS`: prepares the workspace, then becomes the program.
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { ensureReady, root } from './workspace.mjs'

const [app, ...args] = process.argv.slice(2)
ensureReady()

const main = join(root, 'apps', app, 'dist', 'main.js')
const child = spawn(process.execPath, ['--enable-source-maps', main, ...args], { stdio: 'inherit' })
// A terminal's Ctrl-C reaches the program itself; a signal sent to this process alone has to be passed on.
for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
process.on('SIGINT', () => {})
child.on('exit', (code, signal) => {
  if (signal === null) process.exit(code)
  process.removeAllListeners(signal)
  process.kill(process.pid, signal)
})
