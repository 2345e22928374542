// Types, twice: the packages along their arrows (`tsc -b` lets a package see only what it refers to), then each with its tests.
import { members, run, tool } from './workspace.mjs'

const tsc = (...args) => run(tool('tsc'), args)

let failures = tsc('-b')
for (const project of [...members(), 'tests', 'benchmarks']) failures += tsc('--noEmit', '-p', project)
process.exit(failures === 0 ? 0 : 1)
