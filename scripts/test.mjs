// `npm test`: prepares the workspace, then runs every test that needs nothing but Node. Arguments go to vitest.
import { ensureReady, run, tool } from './workspace.mjs'

ensureReady()
process.exit(run(tool('vitest'), ['run', ...process.argv.slice(2)]))
