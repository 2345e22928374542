import { program } from '../../tsup.library.ts'

export default program({ main: 'src/main.ts' })
