// `node scripts/run-benchmark.mjs NAME`: builds what the benchmark starts, then runs benchmarks/NAME.ts.
import { spawnSync } from 'node:child_process'
import { ensureReady, root, tool } from './workspace.mjs'

ensureReady()
const { status } = spawnSync(tool('tsx'), [`benchmarks/${process.argv[2]}.ts`], { cwd: root, stdio: 'inherit' })
process.exit(status ?? 1)
