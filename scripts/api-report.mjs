// What each package promises, written down: etc/NAME.api.md. Compares by default; `--write` accepts the change for review.
import { existsSync, mkdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import { CompilerState, Extractor, ExtractorConfig, ExtractorLogLevel } from '@microsoft/api-extractor'
import { ensureBuilt, members, root } from './workspace.mjs'

/** Turns one package's declarations into its report; true if the report in etc/ says the same (or was rewritten). */
function report(member, localBuild) {
  const reportFolder = join(root, 'etc')
  const config = ExtractorConfig.prepare({
    configObjectFullPath: undefined,
    packageJsonFullPath: join(root, member, 'package.json'),
    configObject: {
      projectFolder: join(root, member),
      mainEntryPointFilePath: join(root, member, 'dist', 'index.d.ts'),
      compiler: {
        overrideTsconfig: {
          compilerOptions: {
            target: 'es2022',
            lib: ['es2022', 'esnext.disposable'],
            module: 'nodenext',
            types: ['node'],
            skipLibCheck: true,
          },
        },
      },
      apiReport: {
        enabled: true,
        reportFileName: `${basename(member)}.api.md`,
        reportFolder,
        reportTempFolder: join(root, '.results', 'api'),
      },
      docModel: { enabled: false },
      dtsRollup: { enabled: false },
      newlineKind: 'lf',
      messages: {
        extractorMessageReporting: {
          default: { logLevel: ExtractorLogLevel.None },
          // A name that leaks without being exported stands in the report as a warning, for the review to see.
          'ae-forgotten-export': { logLevel: ExtractorLogLevel.None, addToApiReportFile: true },
        },
        tsdocMessageReporting: { default: { logLevel: ExtractorLogLevel.None } },
        compilerMessageReporting: { default: { logLevel: ExtractorLogLevel.Error } },
      },
    },
  })
  const compilerState = CompilerState.create(config)
  const { succeeded, apiReportChanged } = Extractor.invoke(config, {
    compilerState,
    localBuild,
    messageCallback: (message) => {
      message.handled = message.logLevel !== ExtractorLogLevel.Error
    },
  })
  if (apiReportChanged && !localBuild) {
    process.stderr.write(
      `${member}: the public API is not what etc/${basename(member)}.api.md says; run \`pnpm api\` and review the change\n`,
    )
  }
  return localBuild ? existsSync(join(reportFolder, `${basename(member)}.api.md`)) : succeeded && !apiReportChanged
}

ensureBuilt()
const localBuild = process.argv.includes('--write')
for (const folder of ['etc', '.results/api']) mkdirSync(join(root, folder), { recursive: true })
const outcomes = members(['packages']).map((member) => report(member, localBuild))
process.exit(outcomes.every(Boolean) ? 0 : 1)
