/**
 * `npm test`: everything that must hold, in one run; arguments go to vitest. The last line is
 * `N passed, N failed, N skipped`. With CHAINBOOT_NO_SKIP=1, as in CI, a skipped test is a failure.
 */

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { environment } from './debian.mjs';
import { ROOT, runTool, say, setUp } from './setup.mjs';

const CHECKS = [
  ['types', 'tsc', ['-p', 'tsconfig.json']],
  ['lint', 'biome', ['check', '--error-on-warnings', '.']],
  ['unused code', 'knip', ['--no-progress']],
];

const total = { passed: 0, failed: 0, skipped: [], repeated: [] };

check('build', setUp('test'));
for (const [name, tool, args] of CHECKS) check(name, runTool(tool, args));
addTests(runVitest(process.argv.slice(2)));

for (const test of total.repeated) say(`passed only the second time: ${test}`);
for (const { test, why } of total.skipped) say(`skipped: ${test}: ${why}`);
const strict = process.env.CHAINBOOT_NO_SKIP === '1';
const failed = total.failed + (strict ? total.skipped.length : 0);
const skipped = strict ? 0 : total.skipped.length;
if (strict && total.skipped.length > 0) say('Skipped tests count as failed, because CHAINBOOT_NO_SKIP=1.');
process.exitCode = failed === 0 && total.passed > 0 ? 0 : 1;
process.stdout.write(`${total.passed} passed, ${failed} failed, ${skipped} skipped\n`);

function check(name, worked) {
  total[worked ? 'passed' : 'failed'] += 1;
  say(`${worked ? 'ok' : 'FAILED'}: ${name}`);
}

/** The summary of the run; a run that left none has failed as a whole. */
function runVitest(args) {
  const directory = mkdtempSync(join(tmpdir(), 'chainboot-test-'));
  const file = join(directory, 'summary.json');
  try {
    const reporters = ['--reporter=default', `--reporter=${join(ROOT, 'scripts/vitest-reporter.mjs')}`];
    const env = { ...environment(), CHAINBOOT_TEST_SUMMARY: file };
    const worked = runTool('vitest', ['run', ...reporters, ...args], { env });
    const summary = JSON.parse(readFileSync(file, 'utf8'));
    return worked || summary.failed > 0 ? summary : { ...summary, failed: 1 };
  } catch (error) {
    say(`vitest left no summary: ${error.message}`);
    return { passed: 0, failed: 1, skipped: [] };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function addTests(summary) {
  total.passed += summary.passed;
  total.failed += summary.failed;
  total.skipped.push(...summary.skipped);
  total.repeated.push(...(summary.repeated ?? []));
}
