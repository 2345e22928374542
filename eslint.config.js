import eslint from '@eslint/js'
import tseslint from 'typescript-eslint'
import { documentedExports } from './scripts/eslint/documented-exports.mjs'

const tests = ['**/*.test.ts', '**/test/**', 'tests/**']
const programs = ['apps/**', 'benchmarks/**', 'scripts/**']
/** The only library files that may touch the clock, timers, the random generator, the disk and the network. */
const runtimeAdapters = [
  'packages/remoting/src/runtime/node-*.ts',
  'packages/store/src/file-system/node-*.ts',
  'packages/namesrv/src/kv-config/node-*.ts',
  'packages/client/src/offsets/node-*.ts',
]

const fromRuntime =
  'Take it from the Runtime or the FileSystem that was passed in: only node-*.ts adapters touch the real one.'
const outsideWorld = [
  'fs',
  'fs/promises',
  'net',
  'tls',
  'dgram',
  'timers',
  'timers/promises',
  'child_process',
  'worker_threads',
]
const ambientGlobals = [
  'setTimeout',
  'setInterval',
  'setImmediate',
  'clearTimeout',
  'clearInterval',
  'clearImmediate',
  'performance',
]

const restrictedEverywhere = [
  { selector: 'ExportAllDeclaration', message: 'List the names one by one: an index is a table of contents.' },
  {
    selector: ':function > AssignmentPattern.params[right.raw=/^(true|false)$/]',
    message: 'A boolean parameter selects behaviour: write two functions, or a named option.',
  },
]

export default tseslint.config(
  { ignores: ['**/dist/', '**/coverage/', '.tsbuild/', '.snippets/', '.results/', '**/.turbo/'] },
  eslint.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      // noUncheckedIndexedAccess asks for proof at every index; in loops over Buffers and arrays the bound is the line above.
      '@typescript-eslint/no-non-null-assertion': 'off',
      // An interface that promises is implemented without an await where nothing has to be waited for.
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/max-params': ['error', { max: 3 }],
      'max-lines': ['error', { max: 400 }],
      'max-lines-per-function': ['error', { max: 70, IIFEs: true }],
      'no-console': 'error',
      eqeqeq: 'error',
      'object-shorthand': 'error',
      'prefer-template': 'error',
      'no-restricted-syntax': ['error', ...restrictedEverywhere],
    },
  },
  {
    files: ['packages/*/src/**/*.ts'],
    ignores: [...tests, ...runtimeAdapters],
    plugins: { mq: { rules: { 'documented-exports': documentedExports } } },
    rules: {
      'mq/documented-exports': 'error',
      '@typescript-eslint/explicit-module-boundary-types': 'error',
      'no-restricted-imports': [
        'error',
        {
          paths: outsideWorld.flatMap((name) => [name, `node:${name}`]).map((name) => ({ name, message: fromRuntime })),
        },
      ],
      'no-restricted-globals': ['error', ...ambientGlobals.map((name) => ({ name, message: fromRuntime }))],
      'no-restricted-properties': [
        'error',
        { object: 'Date', property: 'now', message: fromRuntime },
        { object: 'Math', property: 'random', message: fromRuntime },
        { object: 'process', property: 'exit', message: 'A library never ends the process.' },
        { object: 'process', property: 'on', message: 'A library installs no process-wide handler.' },
        { object: 'process', property: 'hrtime', message: fromRuntime },
        ...ambientGlobals.map((property) => ({ object: 'globalThis', property, message: fromRuntime })),
      ],
      'no-restricted-syntax': [
        'error',
        ...restrictedEverywhere,
        { selector: 'NewExpression[callee.name="Date"][arguments.length=0]', message: fromRuntime },
        { selector: 'CallExpression[callee.name="Date"]', message: fromRuntime },
        { selector: 'MetaProperty[meta.name="import"]', message: 'import.meta is missing in the CommonJS build.' },
      ],
    },
  },
  {
    files: tests,
    rules: {
      'max-lines': 'off',
      'max-lines-per-function': 'off',
      // Rows of a table test and fakes have the shape of what they stand in for.
      '@typescript-eslint/no-empty-function': 'off',
    },
  },
  { files: programs, rules: { 'no-console': 'off' } },
  {
    files: ['*.ts', '*/*/tsup.config.ts', '**/*.js', '**/*.mjs', '**/*.cjs'],
    extends: [tseslint.configs.disableTypeChecked],
    languageOptions: {
      parserOptions: { projectService: false },
      globals: {
        process: 'readonly',
        console: 'readonly',
        performance: 'readonly',
        URL: 'readonly',
        module: 'writable',
      },
    },
    rules: { 'max-lines': ['error', 400], 'max-lines-per-function': ['error', 70], 'max-params': ['error', 3] },
  },
)
