import { defineConfig } from 'vitest/config'
import { chaiConfig, workspaceSources } from './vitest.config.js'

/** Apache RocketMQ on the other side: `pnpm test:interop` only, one file at a time, because each starts Java servers. */
export default defineConfig({
  resolve: { alias: workspaceSources },
  oxc: { target: 'node20' },
  test: {
    name: 'interop',
    include: ['tests/interop/**/*.test.ts'],
    globalSetup: ['tests/interop/global-setup.ts'],
    setupFiles: ['tests/interop/end-with-runner.ts'],
    fileParallelism: false,
    passWithNoTests: true,
    testTimeout: 120_000,
    chaiConfig,
    hookTimeout: 240_000,
  },
})
