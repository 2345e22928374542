/** Which package may import which (packages and apps alike): nothing else, types included. */
const arrows = {
  'packages/remoting': [],
  'packages/store': ['packages/remoting'],
  'packages/namesrv': ['packages/remoting'],
  'packages/client': ['packages/remoting'],
  'packages/broker': ['packages/remoting', 'packages/store'],
  'packages/test-broker': ['packages/broker', 'packages/namesrv', 'packages/remoting', 'packages/store'],
  'apps/broker-server': ['packages/broker', 'packages/namesrv', 'packages/remoting', 'packages/store'],
  'apps/cli-producer': ['packages/client'],
  'apps/cli-consumer': ['packages/client'],
}

const arrowRules = Object.entries(arrows).map(([from, allowed]) => ({
  name: `arrows-of-${from.split('/')[1]}`,
  comment: `${from} may import ${allowed.join(', ') || 'no other package'}`,
  severity: 'error',
  from: { path: `^${from}/` },
  to: { path: '^(packages|apps)/', pathNot: [from, ...allowed].map((folder) => `^${folder}/`) },
}))

const network = '^(node:)?(net|tls|dgram|http|http2|https)$'
const inputOutput = '^(node:)?(net|tls|dgram|http|http2|https|fs|fs/promises|timers|timers/promises)$'
const pureFolders = '^packages/remoting/src/(codec|schema|message|commands)/'
const tests = '(\\.test\\.ts$|^packages/[^/]+/test/|^tests/)'

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    ...arrowRules,
    {
      name: 'no-cycles',
      comment: 'Two files that need each other are one file, or miss a third (type imports count).',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'through-the-doors',
      comment: 'Another package is entered through its index (or its testing index), never by a path into it.',
      severity: 'error',
      from: { path: '^(?:packages|apps)/([^/]+)/' },
      to: { path: '^packages/[^/]+/src/', pathNot: ['^packages/$1/', '^packages/[^/]+/src/(testing/)?index\\.ts$'] },
    },
    {
      name: 'testing-is-for-tests',
      comment:
        'Simulated runtimes and file systems stay out of what runs in production; the broker for tests is for tests.',
      severity: 'error',
      from: { path: '^(packages|apps)/', pathNot: [tests, '/src/testing/', '^packages/test-broker/'] },
      to: { path: '/src/testing/' },
    },
    {
      name: 'pure-codec',
      comment: 'Frames, schemas, commands and messages are computed, never read or awaited.',
      severity: 'error',
      from: { path: pureFolders, pathNot: tests },
      to: { path: inputOutput },
    },
    {
      name: 'pure-codec-looks-down',
      comment: 'The protocol does not know how it is carried.',
      severity: 'error',
      from: { path: pureFolders, pathNot: tests },
      to: { path: '^packages/remoting/src/(transport|runtime)/' },
    },
    {
      name: 'store-opens-no-socket',
      severity: 'error',
      from: { path: '^packages/store/src/', pathNot: tests },
      to: { path: network },
    },
    {
      name: 'declared-dependencies',
      comment:
        'What a package imports stands in its own package.json; an optional peer is a dev dependency of its tests as well.',
      severity: 'error',
      from: { path: '^(packages|apps)/[^/]+/src/', pathNot: tests },
      to: {
        dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown', 'unknown', 'undetermined'],
        dependencyTypesNot: ['npm-peer'],
      },
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.base.json' },
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)(dist|coverage)/|tsup\\.' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'types', 'node'] },
  },
}
