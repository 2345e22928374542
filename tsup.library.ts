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

/**
 * A program to run: one file of ESM with its dependencies in it, for it starts a third faster than when they are read one by one.
 * Optional dependencies that are loaded if they are installed stay outside.
 */
export function program(entry: Record<string, string>, optional: readonly string[] = []): Options {
  return {
    ...output,
    entry,
    format: ['esm'],
    noExternal: [new RegExp(`^(?!(${optional.join('|')})$)`)],
    external: [...optional],
    splitting: false,
    // Dependencies in CommonJS still ask for Node's modules by require().
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
  }
}
