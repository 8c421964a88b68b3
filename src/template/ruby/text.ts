/** Ruby's view of text: code points, its own order, its own escapes. */

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
const UNPRINTABLE = /["\\]|#(?=[{$@])|[\p{Cc}\p{Cn}\p{Co}\p{Cs}\p{Zl}\p{Zp}]/gu;

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

/** The sets of `tr`, `delete`, `count` and `squeeze`: ranges, `\` escapes, a leading `^` for "all but". */
export function characterSet(spec: string): {
  readonly negated: boolean;
  readonly members: readonly string[];
} {
  const negated = spec.length > 1 && spec.startsWith('^');
  const chars = characters(negated ? spec.slice(1) : spec);
  const members: string[] = [];
  for (let i = 0; i < chars.length; i++) {
    let char = chars[i]!;
    if (char === '\\' && i + 1 < chars.length) char = chars[++i]!;
    if (chars[i + 1] === '-' && i + 2 < chars.length) {
      const last = chars[i + 2]!.codePointAt(0)!;
      for (let code = char.codePointAt(0)!; code <= last; code++) members.push(String.fromCodePoint(code));
      i += 2;
    } else {
      members.push(char);
    }
  }
  return { negated, members };
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

/** `a`, `az`, `a9`, `Zz`: the next one, as `succ` and string ranges count. */
export function successor(text: string): string {
  if (text === '') return '';
  const chars = Array.from(text);
  const alphanumeric = (char: string | undefined) => char !== undefined && /[0-9A-Za-z]/.test(char);
  if (!chars.some(alphanumeric)) {
    const last = chars.pop()!;
    return chars.join('') + String.fromCodePoint(last.codePointAt(0)! + 1);
  }
  let at = chars.length - 1;
  while (!alphanumeric(chars[at])) at--;
  for (;;) {
    const char = chars[at]!;
    const wraps: Record<string, string> = { z: 'a', Z: 'A', '9': '0' };
    const wrapped = wraps[char];
    if (wrapped === undefined) {
      chars[at] = String.fromCodePoint(char.codePointAt(0)! + 1);
      return chars.join('');
    }
    chars[at] = wrapped;
    let left = at - 1;
    while (left >= 0 && !alphanumeric(chars[left])) left--;
    // A letter does not carry over a sign into nothing: "-9" becomes "-10".
    if (left < 0) {
      chars.splice(at, 0, char === '9' ? '1' : wrapped);
      return chars.join('');
    }
    at = left;
  }
}
