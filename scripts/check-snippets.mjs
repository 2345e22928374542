// Every ```ts fence of a README compiles against the sources. A fence marked `ts no-check` is left out.
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { members, root, run, tool } from './workspace.mjs'

const folder = join(root, '.snippets')
rmSync(folder, { recursive: true, force: true })
mkdirSync(folder)

const files = []
for (const readme of ['README.md', ...members().map((member) => join(member, 'README.md'))]) {
  if (!existsSync(join(root, readme))) continue
  const text = readFileSync(join(root, readme), 'utf8')
  for (const { index, 1: code } of text.matchAll(/^```ts\n(.*?)^```/gms)) {
    const line = text.slice(0, index).split('\n').length
    // As many empty lines before it as in the README: the compiler's line numbers are the README's.
    const file = `${readme.replaceAll('/', '-')}-${line}.ts`
    writeFileSync(join(folder, file), `${'\n'.repeat(line)}${code}export {}\n`)
    files.push(file)
  }
}
const compilerOptions = { noEmit: true, declaration: false }
const config = { extends: '../tsconfig.base.json', compilerOptions, files, references: [] }
writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config))
const status = run(tool('tsc'), ['-p', folder])
process.stdout.write(`${files.length} README snippets compiled\n`)
process.exit(status)
