import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

const source = (path: string) => fileURLToPath(new URL(path, import.meta.url))

/** Tests run on the sources: nothing has to be built first. */
export const workspaceSources: Array<{ find: RegExp; replacement: string }> = [
  { find: /^@mq\/(remoting|store)\/testing$/, replacement: source('./packages/$1/src/testing/index.ts') },
  {
    find: /^@mq\/(remoting|store|namesrv|broker|client|test-broker)$/,
    replacement: source('./packages/$1/src/index.ts'),
  },
]

/** The reports keep only an assertion's message: it has to say what was found. */
export const chaiConfig = { truncateThreshold: 2000 }

export default defineConfig({
  resolve: { alias: workspaceSources },
  // Node 20 has no `await using`.
  oxc: { target: 'node20' },
  test: {
    name: 'unit',
    include: ['packages/**/*.test.ts', 'apps/**/*.test.ts', 'tests/journey/**/*.test.ts', 'tests/crash/**/*.test.ts'],
    exclude: ['**/node_modules/**', '**/dist/**'],
    // The default leaves one core idle, which is half of a machine with two.
    maxWorkers: availableParallelism(),
    testTimeout: 30_000,
    chaiConfig,
    coverage: {
      provider: 'v8',
      include: ['packages/*/src/**'],
      exclude: ['**/*.test.ts', '**/testing/**'],
      reporter: ['text-summary', 'json-summary', 'html'],
    },
  },
})
