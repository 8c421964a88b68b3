/** What a plan would change, for people: a line a record, a line a field, texts as `diff -u` shows them. */

import type { FieldDiff } from '../inventory/record-diff.ts';
import type { Json } from '../inventory/types.ts';
import type { PlannedRecord } from '../service/apply.ts';
import { unifiedDiff } from '../service/diff.ts';

type Action = PlannedRecord['action'];
type Colour = 'green' | 'yellow' | 'red';

const MARKS: Readonly<Record<Action, string>> = { create: '+', change: '~', keep: ' ', delete: '-' };
const COLOURS: Readonly<Record<Exclude<Action, 'keep'>, Colour>> = {
  create: 'green',
  change: 'yellow',
  delete: 'red',
};
const CODES: Readonly<Record<Colour, number>> = { green: 32, yellow: 33, red: 31 };
/** Columns of a value, and of what is told of a new record. */
const WIDTH = 72;

/** Nothing of records that stay as they are. */
export function planLines(records: readonly PlannedRecord[], inColour: boolean): readonly string[] {
  const paint = (colour: Colour, text: string) => (inColour ? `\x1b[${CODES[colour]}m${text}\x1b[0m` : text);
  return records.flatMap((record) => {
    const { action, collection, name, changes } = record;
    if (action === 'keep') return [];
    const head = paint(COLOURS[action], `${MARKS[action]} ${collection} ${name}`);
    if (action === 'delete') return [head];
    if (action === 'create') return [`${head}${summary(changes)}`];
    return [head, ...changes.flatMap((change) => fieldLines(change, paint))];
  });
}

/** The same as data; texts of several lines as `diff -u`. */
export function planData(records: readonly PlannedRecord[]): readonly object[] {
  return records.map(({ action, collection, name, changes }) => ({
    action,
    collection,
    name,
    ...(action === 'change' && { changes: changes.map(fieldData) }),
    ...(action === 'create' && { changes }),
  }));
}

export function countLine(records: readonly PlannedRecord[], dryRun: boolean): string {
  const count = (action: Action) => records.filter((record) => record.action === action).length;
  const verb = dryRun ? 'would be ' : '';
  const deleted = count('delete') === 0 ? '' : `${count('delete')} ${verb}deleted, `;
  return `${count('create')} ${verb}created, ${count('change')} ${verb}changed, ${deleted}${count('keep')} unchanged`;
}

function fieldData(change: FieldDiff): object {
  const { field, before, after } = change;
  if (!isText(change)) return change;
  return { field, diff: textDiff(field, before, after) };
}

/** A text of several lines, changed. */
function isText({ before, after }: FieldDiff): boolean {
  const isLong = (value: Json | undefined) => typeof value === 'string' && value.trimEnd().includes('\n');
  return (
    typeof (before ?? '') === 'string' &&
    typeof (after ?? '') === 'string' &&
    (isLong(before) || isLong(after))
  );
}

function textDiff(field: string, before: Json | undefined, after: Json | undefined): string {
  const named = (value: Json | undefined) => ({ name: field, text: typeof value === 'string' ? value : '' });
  return unifiedDiff(named(before), named(after));
}

type Paint = (colour: Colour, text: string) => string;

function fieldLines(change: FieldDiff, paint: Paint): readonly string[] {
  const { field, before, after } = change;
  if (!isText(change)) return [`    ${field}: ${shown(before)} → ${shown(after)}`];
  const [, , ...lines] = textDiff(field, before, after).trimEnd().split('\n');
  const painted = lines.map((line) =>
    line.startsWith('+') ? paint('green', line) : line.startsWith('-') ? paint('red', line) : line,
  );
  return [`    ${field}:`, ...painted.map((line) => `      ${line}`)];
}

/** What is new, as much of it as a line has room for. */
function summary(changes: readonly FieldDiff[]): string {
  const told = changes.flatMap(({ field, after }) =>
    ['name', 'login'].includes(field) || after === undefined ? [] : `${field} ${shown(after)}`,
  );
  return told.length === 0 ? '' : `  ${cut(told.join(', '), WIDTH)}`;
}

/** One line, without anything that a terminal would obey. */
function shown(value: Json | undefined): string {
  if (value === undefined) return '(none)';
  if (typeof value !== 'string') return cut(JSON.stringify(value), WIDTH);
  const lines = value.trimEnd().split('\n').length;
  if (lines > 1) return `(${lines} lines)`;
  return cut(value === value.trim() && value !== '' && isPlain(value) ? value : JSON.stringify(value), WIDTH);
}

function isPlain(text: string): boolean {
  return !/\p{C}/u.test(text);
}

function cut(text: string, width: number): string {
  const letters = [...text];
  return letters.length <= width ? text : `${letters.slice(0, width - 1).join('')}…`;
}
