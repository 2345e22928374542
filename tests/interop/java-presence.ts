import { inject } from 'vitest'

/** What this machine lacks to run Java peers; empty if it has everything. */
export const missingJava: string = inject('missingJava')

/** False where Java peers cannot run: their tests are skipped there, except the one that fails under CI. */
export const hasJava: boolean = missingJava === ''
