// Types, twice: the packages along their arrows (`tsc -b` lets a package see only what it refers to), then everything with its tests.
import { run, tool } from './workspace.mjs'

const tsc = (...args) => run(tool('tsc'), args)

const failures = tsc('-b') + tsc('-p', 'tsconfig.all.json')
process.exit(failures === 0 ? 0 : 1)
