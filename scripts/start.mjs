// `npm start`: prepares the workspace, then runs the demo.
import { ensureReady } from './workspace.mjs'

ensureReady()
await import('./demo.mjs')
