/** Ruby's view of text: code points, its own order, its own escapes. */

import { RubyError } from '../errors.ts';

const SURROGATE = /[\ud800-\udfff]/;

/** Characters, as Ruby counts them. */
export function characters(text: string): readonly string[] {
  return SURROGATE.test(text) ? Array.from(text) : text.split('');
}

export function lengthOf(text: string): number {
  return SURROGATE.test(text) ? Array.from(text).length : text.length;
}

/** Code points from `start`, `length` of them. */
export function slice(text: string, start: number, length: number): string {
  return SURROGATE.test(text)
    ? Array.from(text)
        .slice(start, start + length)
        .join('')
    : text.slice(start, start + length);
}

/** A UTF-16 offset as a code point offset. */
export function pointOffset(text: string, offset: number): number {
  return lengthOf(text.slice(0, offset));
}

/** A code point offset as a UTF-16 offset. */
export function unitOffset(text: string, offset: number): number {
  return slice(text, 0, offset).length;
}

/** By code points, as Ruby compares UTF-8 bytes; JavaScript's `<` goes by UTF-16 units. */
export function compareText(a: string, b: string): number {
  if (a === b) return 0;
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    if (a.charCodeAt(i) === b.charCodeAt(i)) continue;
    return (a.codePointAt(i) ?? 0) < (b.codePointAt(i) ?? 0) ? -1 : 1;
  }
  return a.length < b.length ? -1 : 1;
}

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['\n', '\\n'],
  ['\t', '\\t'],
  ['\r', '\\r'],
  ['\f', '\\f'],
  ['\v', '\\v'],
  ['\b', '\\b'],
  ['\x07', '\\a'],
  ['\x1b', '\\e'],
  ['"', '\\"'],
  ['\\', '\\\\'],
]);

/** Characters that inspect does not print as they are. */
const UNPRINTABLE = /["\\]|#(?=[{$@])|[\p{Cc}\p{Cn}\p{Cs}\p{Zl}\p{Zp}]/gu;

/** `String#inspect` */
export function quoted(text: string): string {
  const escaped = text.replace(UNPRINTABLE, (char) => {
    if (char === '#') return '\\#';
    const code = char.codePointAt(0)!;
    const hex = code.toString(16).toUpperCase();
    return ESCAPES.get(char) ?? (code > 0xffff ? `\\u{${hex}}` : `\\u${hex.padStart(4, '0')}`);
  });
  return `"${escaped}"`;
}

/** Code points from one to another, both within. */
type CharRange = readonly [first: number, last: number];

export type CharacterSet = { readonly negated: boolean; readonly ranges: readonly CharRange[] };

/** The sets of `tr`, `delete`, `count` and `squeeze`: ranges, `\` escapes, a leading `^` for "all but". */
export function characterSet(spec: string, canNegate = true): CharacterSet {
  const negated = canNegate && spec.length > 1 && spec.startsWith('^');
  const chars = characters(negated ? spec.slice(1) : spec);
  const ranges: CharRange[] = [];
  for (let i = 0; i < chars.length; i++) {
    if (chars[i] === '\\' && i + 1 < chars.length) i++;
    const first = chars[i]!.codePointAt(0)!;
    if (chars[i + 1] !== '-' || i + 2 >= chars.length) {
      ranges.push([first, first]);
      continue;
    }
    i += 2;
    if (chars[i] === '\\' && i + 1 < chars.length) i++;
    const last = chars[i]!.codePointAt(0)!;
    if (last < first)
      throw new RubyError(
        `invalid range "${String.fromCodePoint(first)}-${chars[i]}" in string transliteration`,
      );
    ranges.push([first, last]);
  }
  return { negated, ranges };
}

export function isIn({ negated, ranges }: CharacterSet, char: string): boolean {
  const code = char.codePointAt(0)!;
  return ranges.some(([first, last]) => code >= first && code <= last) !== negated;
}

/** The place of a character in the set as written, the last one if it is there twice; -1 when it is not. */
export function placeIn({ ranges }: CharacterSet, char: string): number {
  const code = char.codePointAt(0)!;
  let place = -1;
  let before = 0;
  for (const [first, last] of ranges) {
    if (code >= first && code <= last) place = before + code - first;
    before += last - first + 1;
  }
  return place;
}

/** The character at a place of the set, the last one beyond its end; empty for an empty set. */
export function charAt({ ranges }: CharacterSet, place: number): string {
  let left = place;
  for (const [first, last] of ranges) {
    if (left <= last - first) return String.fromCodePoint(first + left);
    left -= last - first + 1;
  }
  const end = ranges.at(-1);
  return end === undefined ? '' : String.fromCodePoint(end[1]);
}

/** Small letters, one by one: unlike JavaScript, Ruby has no small sigma of its own for the end of a word. */
export function lowerCase(text: string): string {
  return text.includes('Σ')
    ? text
        .split('Σ')
        .map((part) => part.toLowerCase())
        .join('σ')
    : text.toLowerCase();
}

/** Letters that stand for two have a third form, for the beginning of a word. */
const TITLE: Readonly<Record<string, string | undefined>> = {
  Ǆ: 'ǅ',
  ǅ: 'ǅ',
  ǆ: 'ǅ',
  Ǉ: 'ǈ',
  ǈ: 'ǈ',
  ǉ: 'ǈ',
  Ǌ: 'ǋ',
  ǋ: 'ǋ',
  ǌ: 'ǋ',
  Ǳ: 'ǲ',
  ǲ: 'ǲ',
  ǳ: 'ǲ',
};

export function titleCase(char: string): string {
  const [first = '', ...rest] = characters(char.toUpperCase());
  return TITLE[char] ?? first + lowerCase(rest.join(''));
}

/** A to Z only. */
export function asciiLower(text: string): string {
  return text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

export function asciiUpper(text: string): string {
  return text.replace(/[a-z]+/g, (letters) => letters.toUpperCase());
}

/** `String#dump`: ASCII only. */
export function dumped(text: string): string {
  const escaped = text.replace(/["\\]|#(?=[{$@])|[^\x20-\x7e]/gu, (char) => {
    if (char === '#') return '\\#';
    const code = char.codePointAt(0)!;
    const hex = code.toString(16).toUpperCase();
    const short = ESCAPES.get(char);
    if (short !== undefined) return short;
    if (code < 0x80) return `\\x${hex.padStart(2, '0')}`;
    return code > 0xffff ? `\\u{${hex}}` : `\\u${hex.padStart(4, '0')}`;
  });
  return `"${escaped}"`;
}

/** Ruby's strip takes NUL and ASCII white space, not JavaScript's Unicode spaces. */
export function stripLeft(text: string): string {
  return text.replace(/^[\0\t\n\v\f\r ]+/, '');
}

export function stripRight(text: string): string {
  let end = text.length;
  while (end > 0 && '\0\t\n\v\f\r '.includes(text[end - 1]!)) end--;
  return text.slice(0, end);
}

const DIGIT = /^\p{Nd}$/u;
const LETTER = /^\p{L}$/u;

/** `a`, `az`, `a9`, `Zz`: the next one, as `succ` and string ranges count. */
export function successor(text: string): string {
  if (text === '') return '';
  const chars = Array.from(text);
  const isDigit = (char: string) => DIGIT.test(char);
  const isLetter = (char: string) => LETTER.test(char);
  let carried = -1;
  let apart = false;
  for (let at = chars.length - 1; at >= 0; at--) {
    const char = chars[at]!;
    // What a sign parts from the rest takes the carry only if it is of the same kind: "1.9", but not "a-9".
    const last = chars[carried];
    if (apart && last !== undefined && (isLetter(last) ? isDigit(char) : isLetter(char))) break;
    apart = !isDigit(char) && !isLetter(char);
    if (apart) continue;
    const next = nextAlphanumeric(char);
    chars[at] = next.char;
    if (!next.wraps) return chars.join('');
    carried = at;
  }
  if (carried < 0) return chars.slice(0, -1).join('') + nextPoint(chars.at(-1)!);
  chars.splice(carried, 0, chars[carried] === '0' ? '1' : chars[carried]!);
  return chars.join('');
}

const WRAPS: Readonly<Record<string, string | undefined>> = { z: 'a', Z: 'A', '9': '0' };

function nextAlphanumeric(char: string): { readonly char: string; readonly wraps: boolean } {
  const wrapped = WRAPS[char];
  return wrapped === undefined ? { char: nextPoint(char), wraps: false } : { char: wrapped, wraps: true };
}

/** The next code point that is a character. */
function nextPoint(char: string): string {
  const code = char.codePointAt(0)! + 1;
  if (code > 0x10ffff) throw new RubyError('there is no character behind the last');
  return String.fromCodePoint(code >= 0xd800 && code <= 0xdfff ? 0xe000 : code);
}
