// Adds up vitest's JSON reports and the gates' own: prints "N passed, N failed"; a missing report counts as a failure.
import { readFileSync } from 'node:fs'

/** One report's outcome. A test file that could not even load has failed, though it counts no failed test. */
function outcomeOf(path) {
  try {
    const report = JSON.parse(readFileSync(path, 'utf8'))
    if (report.testResults === undefined) return { passed: report.passed, failed: report.failed }
    const brokenFiles = report.testResults.filter(
      (file) => file.status === 'failed' && file.assertionResults.every((test) => test.status !== 'failed'),
    )
    const failed = report.numFailedTests + brokenFiles.length
    return { passed: report.numPassedTests, failed: failed === 0 && !report.success ? 1 : failed }
  } catch (error) {
    process.stderr.write(`${path}: ${error.message}\n`)
    return { passed: 0, failed: 1 }
  }
}

const outcomes = process.argv.slice(2).map(outcomeOf)
const passed = outcomes.reduce((sum, outcome) => sum + outcome.passed, 0)
const failed = outcomes.reduce((sum, outcome) => sum + outcome.failed, 0)
process.stdout.write(`${passed} passed, ${failed} failed\n`)
process.exit(failed === 0 ? 0 : 1)
