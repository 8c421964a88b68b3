/** dnsmasq.conf as settings: one a line, `name` or `name=value`, those of further files in their places. */

import { type Files, included } from '../files.ts';
import { type Place, unreadable } from '../place.ts';

export const SOURCE = 'dnsmasq';

export type Setting = {
  readonly place: Place;
  readonly name: string;
  /** Between commas, blanks and quotes taken off; none for a bare name. */
  readonly values: readonly string[];
  /** As written, for settings that are told apart by more than commas. */
  readonly text: string;
};

/** @throws ChainbootError IMPORT_UNREADABLE for lines that are no setting, and for missing files */
export function settingsOf(text: string, file: string, files: Files, depth = 0): readonly Setting[] {
  return linesOf(text, file).flatMap(({ place, text: line }) => {
    const [, name, value = ''] = /^([A-Za-z0-9][A-Za-z0-9-]*)\s*(?:=\s*(.*))?$/s.exec(line) ?? [];
    if (name === undefined)
      throw unreadable(SOURCE, place, `${JSON.stringify(shortened(line))} is no setting`);
    if (name === 'conf-file') return ofFile(unquoted(value), place, files, depth);
    if (name === 'conf-dir') return ofDirectory(fieldsOf(value, place), place, files, depth);
    return [{ place, name, values: value === '' ? [] : fieldsOf(value, place), text: unquoted(value) }];
  });
}

function ofFile(path: string, place: Place, files: Files, depth: number): readonly Setting[] {
  const { text, file } = included(files, path, SOURCE, place, depth);
  return settingsOf(text, file, files, depth + 1);
}

/** `conf-dir=/etc/dnsmasq.d,*.conf`: with a star, only such names; without, names with such an end are left out. */
function ofDirectory(
  [directory = '', ...patterns]: readonly string[],
  place: Place,
  files: Files,
  depth: number,
): readonly Setting[] {
  const full = directory.replace(/\/+$/, '');
  const names = files.list(full);
  if (names === undefined) throw unreadable(SOURCE, place, `the directory ${files.shown(full)} is not there`);
  const wanted = patterns.filter((pattern) => pattern.startsWith('*')).map((pattern) => pattern.slice(1));
  const unwanted = patterns.filter((pattern) => !pattern.startsWith('*'));
  return names
    .filter((name) => !/^[.#]|[~#]$/.test(name))
    .filter((name) => wanted.length === 0 || wanted.some((end) => name.endsWith(end)))
    .filter((name) => !unwanted.some((end) => end !== '' && name.endsWith(end)))
    .flatMap((name) => ofFile(`${full}/${name}`, place, files, depth));
}

export type Line = { readonly place: Place; readonly text: string };

/** Lines without comments and blanks around; empty ones are left out. */
export function linesOf(text: string, file: string): readonly Line[] {
  return text.split('\n').flatMap((raw, i) => {
    const line = withoutComment(raw);
    const trimmed = line.trim();
    const column = line.length - line.trimStart().length + 1;
    return trimmed === '' ? [] : [{ place: { file, line: i + 1, column }, text: trimmed }];
  });
}

/** A # begins a comment at the start and after a blank, not in quotes. */
function withoutComment(line: string): string {
  let quoted = false;
  for (let at = 0; at < line.length; at++) {
    if (line[at] === '\\' && quoted) at += 1;
    else if (line[at] === '"') quoted = !quoted;
    else if (line[at] === '#' && !quoted && (at === 0 || /\s/.test(line[at - 1]!))) return line.slice(0, at);
  }
  return line;
}

/** Commas in quotes and in brackets (of IPv6 addresses) separate nothing. */
export function fieldsOf(value: string, place: Place): readonly string[] {
  const fields: string[] = [];
  let field = '';
  let quoted = false;
  for (let at = 0; at < value.length; at++) {
    const char = value[at]!;
    if (char === '\\' && quoted && at + 1 < value.length) field += value.slice(at, ++at + 1);
    else if (char === ',' && !quoted) {
      fields.push(unquoted(field));
      field = '';
    } else {
      if (char === '"') quoted = !quoted;
      field += char;
    }
  }
  if (quoted) throw unreadable(SOURCE, place, 'this quote is never closed');
  return [...fields, unquoted(field)];
}

const ESCAPES: ReadonlyMap<string, string> = new Map(
  Object.entries({ n: '\n', t: '\t', r: '\r', b: '\b', e: '\u001b' }),
);

function unquoted(field: string): string {
  const trimmed = field.trim();
  if (!trimmed.includes('"')) return trimmed;
  return trimmed.replace(/\\(.)|"/gs, (_whole, escaped: string | undefined) =>
    escaped === undefined ? '' : (ESCAPES.get(escaped) ?? escaped),
  );
}

const MAX_SHOWN = 60;

export function shortened(text: string): string {
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text;
}
