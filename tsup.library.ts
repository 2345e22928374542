import type { Options } from 'tsup'

const output: Options = {
  target: 'node20',
  platform: 'node',
  clean: true,
  splitting: true,
  // Users step into readable code: one line of ours stays one line of theirs.
  minify: false,
  sourcemap: false,
}

/** A package for others to import: ESM and CJS, each with its own declarations. */
export function library(entry: Record<string, string>): Options {
  return {
    ...output,
    entry,
    format: ['esm', 'cjs'],
    // tsup sets `baseUrl` itself, which TypeScript 6 reports as deprecated.
    dts: { compilerOptions: { ignoreDeprecations: '6.0' } },
  }
}

/** A program to run: ESM only, nothing to import. */
export function program(entry: Record<string, string>): Options {
  return { ...output, entry, format: ['esm'] }
}
