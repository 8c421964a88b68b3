/** What a rehearsal tells, on paper. */

import type { Told } from '../app/rehearsal/several.ts';
import type { RehearsalReport, RehearsedStep } from '../service/rehearsal/report.ts';
import { printLine, size } from './output.ts';

/** All of one boot: every decision with its reason, the files, the verdict. `texts`: what was rendered, too. */
export function printRehearsal(report: RehearsalReport, texts: boolean): void {
  const { host, as, machine, mac, steps, rendered, files, notes, cmdline, answers } = report;
  printLine(`${host} as ${as} (${machine}), ${mac}; rehearsal ${report.id}`);
  const started = steps[0]?.at ?? 0;
  for (const step of steps) printStep(step, started);
  if (files.length > 0) printLine('Files:');
  for (const { role, url, bytes, sha256, format } of files)
    printLine(
      `  ${role}  ${size(bytes)}${format === undefined ? '' : `, ${format}`}  ${url}  sha256 ${sha256}`,
    );
  if (cmdline !== undefined) printLine(`Kernel command line: ${cmdline}`);
  if (answers !== undefined)
    printLine(`Answers (${answers.kind}): ${answers.url}; reports to ${answers.built_url}`);
  if (rendered.length > 0) printLine('Rendered:');
  // A machine that tries again is given the same text again.
  const shown = new Set<string>();
  for (const { kind, template, bytes, sha256, text } of rendered) {
    const again = shown.has(sha256);
    shown.add(sha256);
    printLine(`  ${kind}  "${template}"  ${size(bytes)}  sha256 ${sha256}${again ? '  as above' : ''}`);
    if (texts && !again) printLine(text.replace(/^/gm, '    | ').trimEnd());
  }
  for (const note of notes) printLine(`Note: ${note}`);
  printVerdict(report);
}

function printStep(step: RehearsedStep, started: number): void {
  const { at, kind, what, bytes, took, address, sentence, lease_sentence: lease } = step;
  const amount = bytes === undefined || kind.startsWith('dhcp.') ? '' : `  ${size(bytes)}`;
  const time = took === undefined ? '' : ` in ${Math.round(took)} ms`;
  const offset = `${((at - started) / 1000).toFixed(3)} s`.padStart(10);
  printLine(
    `${offset}  ${kind.padEnd(13)} ${what ?? ''}${address === undefined ? '' : `  ${address}`}${amount}${time}`,
  );
  printLine(`            because ${sentence}`);
  if (lease !== undefined) printLine(`            lease: ${lease}`);
}

/** The last line: whether it boots, or what is in its way and what to do about it. */
export function printVerdict(told: Told): void {
  printLine(told.boots ? told.sentence : `${told.sentence} (${told.code})`);
  if ('diagnosis' in told && told.diagnosis !== undefined && told.diagnosis.code !== 'well') {
    printLine(`  diagnosis: ${told.diagnosis.cause} (${told.diagnosis.code})`);
    if (told.diagnosis.fix !== undefined) printLine(`  fix: ${told.diagnosis.fix}`);
  }
  if (told.hint !== undefined) printLine(`  hint: ${told.hint}`);
}
