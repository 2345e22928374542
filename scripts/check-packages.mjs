// The tarballs as npm would get them: publint reads the manifests, are-the-types-wrong resolves every door as users do.
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ensureBuilt, members, root, run, tool } from './workspace.mjs'

ensureBuilt()
const folder = mkdtempSync(join(tmpdir(), 'mq-packages-'))
let failures = 0
try {
  for (const member of members()) {
    const options = { cwd: join(root, member), stdio: ['ignore', 'ignore', 'inherit'] }
    failures += run(tool('pnpm'), ['pack', '--pack-destination', folder], options)
  }
  for (const tarball of readdirSync(folder)) {
    failures += run(tool('publint'), ['--strict', join(folder, tarball)])
    const isProgram = /^mq-(broker-server|cli-producer|cli-consumer)-/.test(tarball)
    if (!isProgram) failures += run(tool('attw'), ['--quiet', join(folder, tarball)])
  }
} finally {
  rmSync(folder, { recursive: true })
}
process.exit(failures === 0 ? 0 : 1)
