/** The methods of String that look for text or a pattern in it. */

import { RubyError } from '../../errors.ts';
import { wantBlock, wantCount, wantText, wantUnfrozen } from '../arguments.ts';
import { escapeRegexp, makeRegexp } from '../regex.ts';
import type { Block, Runtime } from '../runtime.ts';
import { lengthOf, pointOffset, slice, stripLeft, unitOffset } from '../text.ts';
import { REnumerator, RHash, RMatch, RRange, RRegexp, RString, str, type Value } from '../values.ts';
import { rangeSpan } from './span.ts';
import { ANY, aliases, methods } from './table.ts';

/** A pattern to search with; a String stands for itself. */
function patternOf(value: Value | undefined): RegExp {
  const pattern = value instanceof RRegexp ? value.pattern : new RegExp(escapeRegexp(wantText(value)), 'gu');
  pattern.lastIndex = 0;
  return pattern;
}

export function firstMatch(pattern: RegExp, text: string, from = 0): RegExpExecArray | null {
  for (let start = from; ; start++) {
    pattern.lastIndex = start;
    const match = execute(pattern, text);
    // V8 looks for what matches nothing within a pair of surrogates, too.
    if (match === null || match[0] !== '' || !isWithinPair(text, match.index)) return match;
    start = match.index;
  }
}

/** V8 finds out only here when an expression is too large for it. */
function execute(pattern: RegExp, text: string): RegExpExecArray | null {
  try {
    return pattern.exec(text);
  } catch (error) {
    if (error instanceof SyntaxError) throw new RubyError('the regular expression is too large');
    throw error;
  }
}

function isWithinPair(text: string, at: number): boolean {
  return /[\udc00-\udfff]/.test(text[at] ?? '') && /[\ud800-\udbff]/.test(text[at - 1] ?? '');
}

/** `\1`, `\0`, `\k<name>` and `\\` in a replacement. */
function expand(template: string, match: RegExpExecArray): string {
  return template.replace(
    /\\(?:(\d)|k<(\w+)>|([\\&`'])|)/g,
    (whole, number?: string, name?: string, sign?: string) => {
      // Ruby: numbers mean nothing where groups have names, except for the whole.
      if (number !== undefined && number !== '0' && match.groups !== undefined) return '';
      if (number !== undefined) return match[Number(number)] ?? '';
      if (name !== undefined) return rubyText(capture(match, str(name)));
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

/** Undefined when there was nothing to replace. */
function replace(
  text: string,
  pattern: RegExp,
  replacement: Replacer,
  all: boolean,
  rt: Runtime,
): string | undefined {
  let result: string | undefined;
  let end = 0;
  let from = 0;
  while (from <= text.length) {
    const match = firstMatch(pattern, text, from);
    if (match === null) break;
    rt.budget.step();
    const piece = replacement(match);
    rt.budget.characters(piece.length);
    result = (result ?? '') + text.slice(end, match.index) + piece;
    end = match.index + match[0].length;
    from = match[0] === '' ? end + pointLength(text, end) : end;
    if (!all) break;
  }
  return result === undefined ? undefined : result + text.slice(end);
}

function rubyText(value: Value): string {
  return value instanceof RString ? value.text : '';
}

/** UTF-16 units of the character at the offset; 1 at the end, so that a search gets past it. */
function pointLength(text: string, offset: number): number {
  return (text.codePointAt(offset) ?? 0) > 0xffff ? 2 : 1;
}

function substitute(all: boolean, inPlace: boolean) {
  return (self: RString, args: readonly Value[], rt: Runtime, block: Block | undefined): Value => {
    const pattern = patternOf(args[0]);
    if (args.length === 1 && block === undefined && all)
      return new REnumerator(self, inPlace ? 'gsub!' : 'gsub', args);
    if (inPlace) wantUnfrozen(self);
    const text = replace(self.text, pattern, replacer(args, rt, block), all, rt);
    if (!inPlace) return str(text ?? self.text);
    if (text === undefined) return null;
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
  if (limit === 1) return text === '' ? [] : [text];
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

/** A part of a string, in UTF-16 units. */
type Part = { readonly start: number; readonly end: number };

/** Where `[1]`, `[-2, 2]`, `[0..2]`, `["part"]`, `[/pattern/, 1]` are; undefined for nowhere. */
function locate(text: string, [at, more]: readonly Value[]): Part | undefined {
  if (at instanceof RString) {
    if (more !== undefined) throw new RubyError('no implicit conversion of String into Integer');
    const start = text.indexOf(at.text);
    return start < 0 ? undefined : { start, end: start + at.text.length };
  }
  if (at instanceof RRegexp) return locateMatch(at, text, more ?? 0);
  const length = lengthOf(text);
  const units = (start: number, count: number) => {
    const first = unitOffset(text, start);
    return { start: first, end: first + slice(text, start, count).length };
  };
  if (at instanceof RRange) {
    const span = rangeSpan(at, length);
    return span === undefined ? undefined : units(span.start, span.length);
  }
  const index = wantCount(at);
  const start = index < 0 ? length + index : index;
  const count = more === undefined ? 1 : wantCount(more);
  if (start < 0 || count < 0 || (more === undefined ? start >= length : start > length)) return undefined;
  return units(start, count);
}

function locateMatch(regexp: RRegexp, text: string, group: Value): Part | undefined {
  const pattern = new RegExp(regexp.pattern.source, `${regexp.pattern.flags}d`);
  const match = execute(pattern, text);
  if (match === null) return undefined;
  capture(match, group);
  const spans = match.indices!;
  const span =
    typeof group === 'number'
      ? spans[group < 0 ? match.length + group || match.length : group]
      : spans.groups?.[group instanceof RString ? group.text : wantSymbolName(group)];
  return span === undefined ? undefined : { start: span[0], end: span[1] };
}

function element(self: RString, args: readonly Value[]): Value {
  const part = locate(self.text, args);
  return part === undefined ? null : str(self.text.slice(part.start, part.end));
}

/** What `slice` with the same arguments answers, taken out. */
function cut(self: RString, args: readonly Value[], rt: Runtime): Value {
  wantUnfrozen(self);
  const part = locate(self.text, args);
  if (part === undefined) return null;
  const found = self.text.slice(part.start, part.end);
  rt.budget.characters(self.text.length);
  self.text = self.text.slice(0, part.start) + self.text.slice(part.end);
  return str(found);
}

/** `s.[]=(0, "x")` and with every other way to name a part. */
function assign(self: RString, args: readonly Value[], rt: Runtime): Value {
  wantUnfrozen(self);
  const value = args.at(-1)!;
  const [at] = args;
  const where = args.slice(0, -1);
  // One position may be right behind the end; a range may not be before the beginning.
  const single = where.length === 1 && typeof at === 'number';
  const atEnd = single && at === lengthOf(self.text) && { start: self.text.length, end: self.text.length };
  const part = locate(self.text, where) ?? (atEnd || undefined);
  if (part === undefined) throw new RubyError(`${rt.inspect(at!)} is out of string, or not in it`);
  const text = self.text.slice(0, part.start) + wantText(value) + self.text.slice(part.end);
  rt.budget.characters(text.length);
  self.text = text;
  return value;
}

/** A capture by number or name. */
export function capture(match: RegExpExecArray, which: Value): Value {
  if (typeof which === 'number') {
    const group = which < 0 ? match.length + which : which;
    return which < 0 && group === 0 ? null : captured(match[group]);
  }
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

/** `match`: a String is a pattern too, and a position beyond the end is the end. */
export function matchOf(pattern: RegExp, text: string, start: Value | undefined): RMatch | null {
  const length = lengthOf(text);
  const offset = start === undefined ? 0 : wantCount(start);
  const from = offset < 0 ? length + offset : Math.min(offset, length);
  const found = from < 0 ? null : firstMatch(pattern, text, unitOffset(text, from));
  return found === null ? null : new RMatch(found, pattern);
}

function compiled(value: Value | undefined): RegExp {
  return value instanceof RRegexp ? value.pattern : makeRegexp(wantText(value), '').pattern;
}

function index(self: RString, args: readonly Value[]): Value {
  const match = matchFrom(self, args);
  return match === null ? null : pointOffset(self.text, match.index);
}

/** The last match that begins at or before a position in characters, which may count from the end. */
function lastIndex(self: RString, [wanted, last]: readonly Value[], rt: Runtime): Value {
  const pattern = patternOf(wanted);
  const length = lengthOf(self.text);
  const offset = last === undefined ? length : wantCount(last);
  const from = offset < 0 ? length + offset : Math.min(offset, length);
  if (from < 0) return null;
  const start = unitOffset(self.text, from);
  const found =
    wanted instanceof RString
      ? self.text.lastIndexOf(wanted.text, start)
      : lastMatch(pattern, self.text, start, rt);
  return found < 0 ? null : pointOffset(self.text, found);
}

/** Tries every place, from right to left; -1 when there is none. */
function lastMatch(pattern: RegExp, text: string, start: number, rt: Runtime): number {
  const sticky = new RegExp(pattern.source, `${pattern.flags.replace('g', '')}y`);
  for (let at = start; at >= 0; at--) {
    rt.budget.step();
    if (isWithinPair(text, at)) continue;
    sticky.lastIndex = at;
    if (execute(sticky, text) !== null) return at;
  }
  return -1;
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
    '[]=': [2, 3, assign],
    'slice!': [1, 2, cut],
    'include?': [1, (self, [part]) => self.text.includes(wantText(part))],
    'start_with?': [0, ANY, (self, args) => args.some((wanted) => startsWith(self, wanted))],
    'end_with?': [0, ANY, (self, args) => args.some((wanted) => self.text.endsWith(wantText(wanted)))],
    'match?': [1, 2, (self, [wanted, start]) => matchOf(compiled(wanted), self.text, start) !== null],
    match: [
      1,
      2,
      (self, [wanted, start], _, block) => {
        const match = matchOf(compiled(wanted), self.text, start);
        return match === null || block === undefined ? match : block(match);
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
      (self, [separator, limit], rt, block) => {
        const parts = split(self.text, separator ?? null, limit === undefined ? 0 : wantCount(limit), rt);
        if (block === undefined) return parts.map(str);
        for (const part of parts) block(str(part));
        return self;
      },
    ],
    index: [1, 2, index],
    rindex: [1, 2, lastIndex],
    partition: [1, (self, [wanted], rt) => partition(self, wanted!, rt, false)],
    rpartition: [1, (self, [wanted], rt) => partition(self, wanted!, rt, true)],
  }),
  { slice: '[]' },
);
