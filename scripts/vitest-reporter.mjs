/** Writes what `npm test` needs to know about a run as JSON to the file CHAINBOOT_TEST_SUMMARY. */

import { writeFileSync } from 'node:fs';

export default class SummaryReporter {
  onTestRunEnd(modules, unhandledErrors) {
    const summary = { passed: 0, failed: unhandledErrors.length, skipped: [], repeated: [] };
    for (const module of modules) count(module, summary);
    writeFileSync(process.env.CHAINBOOT_TEST_SUMMARY, JSON.stringify(summary));
  }
}

function count(module, summary) {
  // A file that does not even load has errors of its own and perhaps no tests.
  summary.failed += module.errors().length;
  for (const test of module.children.allTests()) {
    const result = test.result();
    if (test.diagnostic()?.flaky) summary.repeated.push(`${module.relativeModuleId}: ${test.fullName}`);
    if (result.state === 'passed') summary.passed += 1;
    else if (result.state === 'failed') summary.failed += 1;
    else
      summary.skipped.push({
        test: `${module.relativeModuleId}: ${test.fullName}`,
        why: reason(test, result),
      });
  }
}

function reason(test, result) {
  if (result.note) return result.note;
  return test.options.mode === 'run' ? 'no reason given' : `marked ${test.options.mode} in the source`;
}
