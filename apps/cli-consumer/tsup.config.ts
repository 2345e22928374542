import { program } from '../../tsup.library.js'

export default program({ main: 'src/main.ts' }, ['lz4-napi', 'fzstd'])
