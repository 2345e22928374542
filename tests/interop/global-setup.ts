import type { TestProject } from 'vitest/node'
import { javaClassPath, missingTools } from './java-toolchain.js'

declare module 'vitest' {
  interface ProvidedContext {
    missingJava: string
  }
}

/** Before any test: says what is missing, or has the peers fetched and compiled, so that no test waits for Maven. */
export async function setup(project: TestProject): Promise<void> {
  const missingJava = missingTools() ?? ''
  project.provide('missingJava', missingJava)
  if (missingJava === '') await javaClassPath()
  else process.stderr.write(`mq: tests with Apache RocketMQ are skipped: ${missingJava}\n`)
}
