/** Sets of characters by name and by escape, as the inside of a JavaScript bracket. */

const POSIX: ReadonlyMap<string, string> = new Map([
  ['alnum', '\\p{L}\\p{M}\\p{N}'],
  ['alpha', '\\p{L}\\p{M}'],
  ['ascii', '\\0-\\x7f'],
  ['blank', ' \\t'],
  ['cntrl', '\\p{Cc}'],
  ['digit', '\\p{Nd}'],
  ['lower', '\\p{Ll}'],
  ['punct', '\\p{P}$+<=>^`|~'],
  ['space', '\\s\\x85'],
  ['upper', '\\p{Lu}'],
  ['word', '\\p{L}\\p{M}\\p{N}\\p{Pc}'],
  ['xdigit', '0-9A-Fa-f'],
]);

export function posixSet(name: string): string | undefined {
  return POSIX.get(name);
}

/** Scripts that `\p{…}` names as they are; JavaScript wants to be told that a script is meant. */
const SCRIPTS =
  /^(Latin|Greek|Cyrillic|Armenian|Hebrew|Arabic|Thai|Hangul|Hiragana|Katakana|Han|Georgian|Devanagari)$/i;

/** What `\p{name}` matches; undefined when that is not certain to be the same here. */
export function propertySet(name: string): string | undefined {
  const posix = POSIX.get(name.toLowerCase());
  if (posix !== undefined) return posix;
  if (/^(L|M|N|P|S|Z|C)[a-z]?$/.test(name)) return `\\p{${name}}`;
  if (!SCRIPTS.test(name)) return undefined;
  return `\\p{Script=${name[0]!.toUpperCase()}${name.slice(1).toLowerCase()}}`;
}

/** Sets that do not mean the same under the option i: JavaScript lets upper match small letters, Ruby does not. */
export function dependsOnCase(name: string): boolean {
  return /^(upper|lower|Lu|Ll|Lt)$/i.test(name);
}

/** What word boundaries look at; unlike `\w`, which is ASCII in both languages. */
const WORD = '[\\p{L}\\p{M}\\p{N}\\p{Pc}]';

/** Escapes of a set of characters: inside of a bracket. */
export const SETS: ReadonlyMap<string, string> = new Map([
  ['d', '0-9'],
  ['D', '\\0-/:-\\u{10ffff}'],
  ['w', '0-9A-Z_a-z'],
  ['W', '\\0-/:-@\\[-\\^`\\{-\\u{10ffff}'],
  ['s', '\\t\\n\\v\\f\\r '],
  ['S', '\\0-\\x08\\x0e-\\x1f!-\\u{10ffff}'],
  ['h', '0-9A-Fa-f'],
  ['H', '\\0-/:-@G-`g-\\u{10ffff}'],
]);

/** Escapes of one character. */
export const CHARACTERS: ReadonlyMap<string, string> = new Map([
  ['n', '\n'],
  ['t', '\t'],
  ['r', '\r'],
  ['f', '\f'],
  ['v', '\v'],
  ['a', '\x07'],
  ['e', '\x1b'],
]);

/** Escapes of a place, which match no character. */
export const PLACES: ReadonlyMap<string, string> = new Map([
  ['A', '(?:^)'],
  ['z', '(?:$)'],
  ['Z', '(?:(?=\\n?$))'],
  ['b', `(?:(?<=${WORD})(?!${WORD})|(?<!${WORD})(?=${WORD}))`],
  ['B', `(?:(?<=${WORD})(?=${WORD})|(?<!${WORD})(?!${WORD}))`],
]);

/** `\R`: any line break, of which CR LF is one. */
export const LINE_BREAK = '(?:\\r\\n|(?!\\r\\n)[\\n\\v\\f\\r\\x85\\u2028\\u2029])';

export const LINE_START = '(?:^|(?<=\\n)(?!$))';
export const LINE_END = '(?:(?=\\n)|$)';

/** The letters that are the same but for their case. */
export function caseVariants(char: string): readonly string[] {
  const variants = new Set([char, char.toLowerCase(), char.toUpperCase()]);
  return [...variants].filter((variant) => Array.from(variant).length === 1);
}

/** A character that stands for itself, escaped where JavaScript's unicode mode wants or allows it. */
export function literal(char: string): string {
  if (char === '-') return '\\x2d';
  if (/[\^$\\.*+?()[\]{}|/]/.test(char)) return `\\${char}`;
  const code = char.charCodeAt(0);
  return code < 0x20 ? `\\x${code.toString(16).padStart(2, '0')}` : char;
}
