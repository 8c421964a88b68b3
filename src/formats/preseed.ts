/**
 * debian-installer's preseed file: lines of `owner question type value`, a back-slash at the end of a line
 * continuing it. (debconf-set-selections(1); Debian installation guide, appendix B.)
 */

import { nearest } from '../inventory/nearest.ts';
import { type FormatFinding, findings, linesOf, orRather, type Report } from './finding.ts';

const TYPES = [
  'string',
  'boolean',
  'select',
  'multiselect',
  'password',
  'text',
  'note',
  'error',
  'title',
  // Not a type but a flag of the question; its value is true or false too.
  'seen',
];

export type Selection = {
  readonly owner: string;
  readonly question: string;
  readonly type: string;
  /** With the back-slashes and line ends of continued lines. */
  readonly value: string;
  readonly offset: number;
  /** Where the value begins. */
  readonly valueOffset: number;
};

type Logical = { readonly text: string; readonly offset: number };

/** Continued lines as one, comments and empty ones left out. */
function logicalLines(text: string): readonly Logical[] {
  const found: { text: string; offset: number }[] = [];
  let open: { text: string; offset: number } | undefined;
  for (const line of linesOf(text)) {
    if (open !== undefined) open.text += `\n${line.text}`;
    else if (line.text.trim() !== '' && !/^\s*#/.test(line.text)) found.push((open = { ...line }));
    if (!line.text.endsWith('\\')) open = undefined;
  }
  return found;
}

const SELECTION = /^(\s*)(\S+)\s+(\S+)\s+(\S+)(?:\s([\s\S]*))?$/;

function selectionOf({ text, offset }: Logical): Selection | undefined {
  const match = SELECTION.exec(text);
  if (match === null) return undefined;
  const [whole, indent = '', owner = '', question = '', type = '', value = ''] = match;
  const valueOffset = offset + whole.length - value.length;
  return { owner, question, type, value, offset: offset + indent.length, valueOffset };
}

export function preseedSelections(text: string): readonly Selection[] {
  return logicalLines(text).flatMap((line) => selectionOf(line) ?? []);
}

export function checkPreseed(text: string): readonly FormatFinding[] {
  return findings((report) => {
    const answered = new Map<string, string>();
    for (const line of logicalLines(text)) {
      const selection = selectionOf(line);
      if (selection === undefined) {
        report(line.offset, 'error', 'a line is "owner question type value"; this one lacks some of them');
        continue;
      }
      checkSelection(selection, report);
      checkRepeated(selection, answered, report);
    }
  });
}

function checkSelection({ question, type, value, offset, valueOffset }: Selection, report: Report): void {
  if (!TYPES.includes(type)) {
    report(offset, 'error', `there is no type "${type}" of questions${orRather(nearest(type, TYPES))}`);
    return;
  }
  if (!question.includes('/'))
    report(offset, 'warning', `"${question}" is no name of a question: those have a slash`);
  if ((type === 'boolean' || type === 'seen') && !/^\s*(true|false)\s*$/.test(value))
    report(valueOffset, 'error', `the value of ${question} must be true or false`);
  // In the middle of a command, a back-slash with a blank behind it continues nothing.
  const blank = /\\[ \t]+$/.exec(value);
  if (blank !== null)
    report(
      valueOffset + blank.index,
      'error',
      'blanks behind a back-slash: the next line does not belong to this one',
    );
}

/** The last answer counts, so an earlier, different one is a mistake of somebody. */
function checkRepeated(
  { question, type, value, offset }: Selection,
  answered: Map<string, string>,
  report: Report,
) {
  if (type === 'seen') return;
  const before = answered.get(question);
  if (before !== undefined && before !== value)
    report(offset, 'warning', `${question} is answered twice; this later answer counts`);
  answered.set(question, value);
}
