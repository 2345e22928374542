import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const living = new Set<string>()
process.on('exit', () => {
  for (const path of living) remove(path)
})

/** A folder of its own for one test, removed with everything in it when the test lets go of it, or when this process ends. */
export class TemporaryFolder implements Disposable {
  readonly path: string

  constructor() {
    this.path = mkdtempSync(join(tmpdir(), 'mq-interop-'))
    living.add(this.path)
  }

  [Symbol.dispose](): void {
    remove(this.path)
    living.delete(this.path)
  }
}

function remove(path: string): void {
  rmSync(path, { recursive: true, force: true, maxRetries: 5 })
}
