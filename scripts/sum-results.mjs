// Adds up vitest's JSON reports and the gates' own: names what failed, with the first lines of why, then prints
// "N passed, N failed"; a missing report counts as a failure.
import { readFileSync } from 'node:fs'
import { relative } from 'node:path'

/** Lines of a failure's message that are repeated at the end: the assertion and where it stands. */
const MESSAGE_LINES = 12

/** One report's outcome: how much passed, and what failed. */
function outcomeOf(path) {
  try {
    const report = JSON.parse(readFileSync(path, 'utf8'))
    if (report.testResults === undefined) {
      return { passed: report.passed.length, failures: report.failed.map((gate) => `gate: ${gate}`) }
    }
    const failures = report.testResults.flatMap(failuresOf)
    if (failures.length === 0 && !report.success) failures.push(`${path}: the run failed, though no test did`)
    return { passed: report.numPassedTests, failures }
  } catch (error) {
    return { passed: 0, failures: [`${path}: ${error.message}`] }
  }
}

/** A test file that could not even load has failed, though it counts no failed test. */
function failuresOf(file) {
  const path = relative(process.cwd(), file.name)
  const failed = file.assertionResults.filter((test) => test.status === 'failed')
  if (failed.length === 0 && file.status === 'failed') return [described(path, [file.message])]
  return failed.map((test) => described(`${path}: ${test.fullName}`, test.failureMessages))
}

function described(what, messages) {
  const lines = messages.join('\n').split('\n').slice(0, MESSAGE_LINES)
  return [what, ...lines.map((line) => `    ${line}`)].join('\n')
}

const outcomes = process.argv.slice(2).map(outcomeOf)
const passed = outcomes.reduce((sum, outcome) => sum + outcome.passed, 0)
const failures = outcomes.flatMap((outcome) => outcome.failures)
for (const failure of failures) process.stdout.write(`FAILED ${failure}\n`)
process.stdout.write(`${passed} passed, ${failures.length} failed\n`)
process.exit(failures.length === 0 ? 0 : 1)
