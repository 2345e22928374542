import { program } from '../../tsup.library.js'

/** Everything in one file: the program starts a third faster than with its dependencies read one by one. */
export default {
  ...program({ main: 'src/main.ts' }),
  noExternal: [/.*/],
  // Dependencies in CommonJS still ask for Node's modules by require().
  banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
}
