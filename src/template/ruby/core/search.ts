/** The methods of String that look for text or a pattern in it. */

import { RubyError } from '../../errors.ts';
import { wantBlock, wantCount, wantText, wantUnfrozen } from '../arguments.ts';
import { escapeRegexp } from '../regex.ts';
import type { Block, Runtime } from '../runtime.ts';
import { lengthOf, pointOffset, slice, stripLeft, unitOffset } from '../text.ts';
import { RHash, RMatch, RRange, RRegexp, RString, str, type Value } from '../values.ts';
import { rangeSpan } from './span.ts';
import { ANY, aliases, methods } from './table.ts';

/** A pattern to search with; a String stands for itself. */
function patternOf(value: Value | undefined): RegExp {
  const pattern = value instanceof RRegexp ? value.pattern : new RegExp(escapeRegexp(wantText(value)), 'gu');
  pattern.lastIndex = 0;
  return pattern;
}

export function firstMatch(pattern: RegExp, text: string, from = 0): RegExpExecArray | null {
  pattern.lastIndex = from;
  return pattern.exec(text);
}

/** `\1`, `\0`, `\k<name>` and `\\` in a replacement. */
function expand(template: string, match: RegExpExecArray): string {
  return template.replace(
    /\\(?:(\d)|k<(\w+)>|([\\&`'])|)/g,
    (whole, number?: string, name?: string, sign?: string) => {
      // Ruby: numbers mean nothing where groups have names, except for the whole.
      if (number !== undefined && number !== '0' && match.groups !== undefined) return '';
      if (number !== undefined) return match[Number(number)] ?? '';
      if (name !== undefined) return match.groups?.[name] ?? '';
      if (sign === '\\') return '\\';
      if (sign === '&') return match[0];
      if (sign === '`') return match.input.slice(0, match.index);
      if (sign === "'") return match.input.slice(match.index + match[0].length);
      return whole;
    },
  );
}

type Replacer = (match: RegExpExecArray) => string;

function replacer(args: readonly Value[], rt: Runtime, block: Block | undefined): Replacer {
  const replacement = args[1];
  if (replacement instanceof RHash) return (match) => rt.text(replacement.get(str(match[0])) ?? null);
  if (replacement !== undefined) {
    const template = wantText(replacement);
    return template.includes('\\') ? (match) => expand(template, match) : () => template;
  }
  const call = wantBlock(block);
  return (match) => rt.text(call(str(match[0])));
}

function replace(text: string, pattern: RegExp, replacement: Replacer, all: boolean, rt: Runtime): string {
  let result = '';
  let end = 0;
  let from = 0;
  while (from <= text.length) {
    const match = firstMatch(pattern, text, from);
    if (match === null) break;
    rt.budget.step();
    const piece = replacement(match);
    rt.budget.characters(piece.length);
    result += text.slice(end, match.index) + piece;
    end = match.index + match[0].length;
    from = match[0] === '' ? end + pointLength(text, end) : end;
    if (!all) break;
  }
  return result + text.slice(end);
}

/** UTF-16 units of the character at the offset; 1 at the end, so that a search gets past it. */
function pointLength(text: string, offset: number): number {
  return (text.codePointAt(offset) ?? 0) > 0xffff ? 2 : 1;
}

function substitute(all: boolean, inPlace: boolean) {
  return (self: RString, args: readonly Value[], rt: Runtime, block: Block | undefined): Value => {
    const text = replace(self.text, patternOf(args[0]), replacer(args, rt, block), all, rt);
    if (!inPlace) return str(text);
    wantUnfrozen(self);
    if (text === self.text) return null;
    rt.budget.characters(text.length);
    self.text = text;
    return self;
  };
}

function scan(self: RString, [wanted]: readonly Value[], rt: Runtime, block: Block | undefined): Value {
  const pattern = patternOf(wanted);
  const found: Value[] = [];
  let from = 0;
  while (from <= self.text.length) {
    const match = firstMatch(pattern, self.text, from);
    if (match === null) break;
    rt.budget.step();
    rt.budget.characters(match[0].length);
    const end = match.index + match[0].length;
    from = match[0] === '' ? end + pointLength(self.text, end) : end;
    const item = match.length === 1 ? str(match[0]) : match.slice(1).map(captured);
    if (block === undefined) found.push(item);
    else block(item);
  }
  return block === undefined ? found : self;
}

export function captured(text: string | undefined): Value {
  return text === undefined ? null : str(text);
}

/** `split(nil)` and `split(' ')` split at white space; captures are kept; trailing empties go without a limit. */
function split(text: string, separator: Value, limit: number, rt: Runtime): string[] {
  const blanks = separator === null || (separator instanceof RString && separator.text === ' ');
  const subject = blanks ? stripLeft(text) : text;
  if (subject === '') return [];
  const pattern = blanks ? /[\0\t\n\v\f\r ]+/gu : patternOf(separator);
  const parts = splitAt(subject, pattern, limit, rt);
  if (limit === 0) while (parts.at(-1) === '') parts.pop();
  rt.budget.elements(parts.length);
  rt.budget.characters(subject.length);
  return parts;
}

/**
 * A separator that matches nothing cuts between characters: it is passed over once, and when the search from
 * behind the next character finds it there again, that character is a part (Ruby's `rb_str_split_m`).
 */
function splitAt(text: string, pattern: RegExp, limit: number, rt: Runtime): string[] {
  const parts: string[] = [];
  let begin = 0;
  let start = 0;
  let passed = false;
  for (let pieces = 1; limit <= 0 || pieces < limit; ) {
    const match = start > text.length ? null : firstMatch(pattern, text, start);
    if (match === null) break;
    rt.budget.step();
    const end = match.index + match[0].length;
    if (match[0] !== '' || match.index !== start) {
      parts.push(text.slice(begin, match.index));
      begin = start = end;
    } else if (passed) {
      parts.push(text.slice(begin, begin + pointLength(text, begin)));
      begin = start;
    } else {
      start += pointLength(text, start);
      passed = true;
      continue;
    }
    passed = false;
    parts.push(...match.slice(1).filter((part) => part !== undefined));
    pieces++;
  }
  if (limit !== 0 || text.length > begin) parts.push(text.slice(begin));
  return parts;
}

/** `s[1]`, `s[-2, 2]`, `s[0..2]`, `s["part"]`, `s[/pattern/, 1]` */
function element(self: RString, [at, more]: readonly Value[]): Value {
  if (at instanceof RString) return self.text.includes(at.text) ? str(at.text) : null;
  if (at instanceof RRegexp) {
    const match = firstMatch(at.pattern, self.text);
    return match === null ? null : capture(match, more ?? 0);
  }
  const length = lengthOf(self.text);
  if (at instanceof RRange) {
    const span = rangeSpan(at, length);
    return span === undefined ? null : str(slice(self.text, span.start, span.length));
  }
  const index = wantCount(at);
  const start = index < 0 ? length + index : index;
  const count = more === undefined ? 1 : wantCount(more);
  if (start < 0 || count < 0 || (more === undefined ? start >= length : start > length)) return null;
  return str(slice(self.text, start, count));
}

/** A capture by number or name. */
export function capture(match: RegExpExecArray, which: Value): Value {
  if (typeof which === 'number') return captured(match[which < 0 ? match.length + which : which]);
  const name = which instanceof RString ? which.text : wantSymbolName(which);
  if (match.groups === undefined || !Object.hasOwn(match.groups, name))
    throw new RubyError(`undefined group name reference: ${name}`);
  return captured(match.groups[name]);
}

function wantSymbolName(value: Value): string {
  if (value !== null && typeof value === 'object' && 'name' in value) return value.name;
  throw new RubyError('a group is named by a number, a String or a Symbol');
}

/** The first match at or behind a position in characters, which may count from the end. */
function matchFrom(self: RString, [wanted, start]: readonly Value[]): RegExpExecArray | null {
  const offset = start === undefined ? 0 : wantCount(start);
  const length = lengthOf(self.text);
  const from = offset < 0 ? length + offset : offset;
  if (from < 0 || from > length) return null;
  return firstMatch(patternOf(wanted), self.text, unitOffset(self.text, from));
}

function index(self: RString, args: readonly Value[]): Value {
  const match = matchFrom(self, args);
  return match === null ? null : pointOffset(self.text, match.index);
}

function lastIndex(self: RString, [wanted]: readonly Value[], rt: Runtime): Value {
  const pattern = patternOf(wanted);
  for (let at = self.text.length; at >= 0; at--) {
    rt.budget.step();
    const match = firstMatch(pattern, self.text, at);
    if (match !== null && match.index === at) return pointOffset(self.text, at);
  }
  return null;
}

function partition(self: RString, wanted: Value, rt: Runtime, last: boolean): Value[] {
  const pattern = patternOf(wanted);
  const at = last ? lastIndex(self, [wanted], rt) : index(self, [wanted]);
  if (at === null) return last ? [str(''), str(''), str(self.text)] : [str(self.text), str(''), str('')];
  const match = firstMatch(pattern, self.text, unitOffset(self.text, Number(at)))!;
  const end = match.index + match[0].length;
  return [str(self.text.slice(0, match.index)), str(match[0]), str(self.text.slice(end))];
}

function startsWith(self: RString, wanted: Value): boolean {
  if (!(wanted instanceof RRegexp)) return self.text.startsWith(wantText(wanted));
  return firstMatch(wanted.pattern, self.text)?.index === 0;
}

export const SEARCH = aliases(
  methods<RString>({
    '[]': [1, 2, element],
    'include?': [1, (self, [part]) => self.text.includes(wantText(part))],
    'start_with?': [0, ANY, (self, args) => args.some((wanted) => startsWith(self, wanted))],
    'end_with?': [0, ANY, (self, args) => args.some((wanted) => self.text.endsWith(wantText(wanted)))],
    'match?': [1, 2, (self, args) => matchFrom(self, args) !== null],
    match: [
      1,
      2,
      (self, args) => {
        const match = matchFrom(self, args);
        return match === null ? null : new RMatch(match);
      },
    ],
    sub: [1, 2, substitute(false, false)],
    gsub: [1, 2, substitute(true, false)],
    'sub!': [1, 2, substitute(false, true)],
    'gsub!': [1, 2, substitute(true, true)],
    scan: [1, scan],
    split: [
      0,
      2,
      (self, [separator, limit], rt) =>
        split(self.text, separator ?? null, limit === undefined ? 0 : wantCount(limit), rt).map(str),
    ],
    index: [1, 2, index],
    rindex: [1, lastIndex],
    partition: [1, (self, [wanted], rt) => partition(self, wanted!, rt, false)],
    rpartition: [1, (self, [wanted], rt) => partition(self, wanted!, rt, true)],
  }),
  { slice: '[]' },
);
