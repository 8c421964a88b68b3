/** Words of dhcpd.conf(5) and dhcpd.leases(5). */

import { Lines, type Place, unreadable } from '../place.ts';

export type Token = {
  /** `word`: numbers, names, addresses; `mark`: one character of punctuation. */
  readonly kind: 'word' | 'text' | 'mark';
  /** Of text without its quotes: each escape is one character, which stands for one byte. */
  readonly text: string;
  readonly place: Place;
};

export const SOURCE = 'dhcpd';

const WORD = /[A-Za-z0-9_.:/@\\-]+/y;
const BLANK = /[\s\uFEFF]+|#[^\n]*/y;
const MARKS = new Set("{};,()=!<>&|~+*%?'$[]^`");

/** @throws ChainbootError IMPORT_UNREADABLE for a string without end and for what is no character of the language */
export function tokensOf(text: string, file: string): readonly Token[] {
  const lines = new Lines(file, text);
  const tokens: Token[] = [];
  let at = 0;
  const match = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    return pattern.exec(text)?.[0];
  };
  while (at < text.length) {
    const blank = match(BLANK);
    if (blank !== undefined) {
      at += blank.length;
      continue;
    }
    const place = lines.at(at);
    const word = match(WORD);
    if (word !== undefined) {
      tokens.push({ kind: 'word', text: word, place });
      at += word.length;
    } else if (text[at] === '"') {
      const { value, end } = stringAt(text, at, place);
      tokens.push({ kind: 'text', text: value, place });
      at = end;
    } else if (MARKS.has(text[at]!)) {
      tokens.push({ kind: 'mark', text: text[at]!, place });
      at += 1;
    } else throw unreadable(SOURCE, place, `the character ${JSON.stringify(text[at])} has no meaning here`);
  }
  return tokens;
}

const ESCAPES: ReadonlyMap<string, string> = new Map(Object.entries({ n: '\n', t: '\t', r: '\r', b: '\b' }));

/** `\007` and `\x07` are bytes, as dhcpd writes them for client identifiers. */
function stringAt(
  text: string,
  start: number,
  place: Place,
): { readonly value: string; readonly end: number } {
  const parts: string[] = [];
  let at = start + 1;
  while (at < text.length) {
    const char = text[at]!;
    if (char === '"') return { value: parts.join(''), end: at + 1 };
    if (char === '\n') break;
    if (char !== '\\') {
      parts.push(char);
      at += 1;
      continue;
    }
    const escaped = /^(?:([0-7]{1,3})|x([0-9a-fA-F]{1,2})|(.))/s.exec(text.slice(at + 1, at + 5));
    if (escaped === null) break;
    const [whole, octal, hex, plain = ''] = escaped;
    if (octal !== undefined) parts.push(String.fromCharCode(Number.parseInt(octal, 8) & 255));
    else if (hex !== undefined) parts.push(String.fromCharCode(Number.parseInt(hex, 16)));
    else parts.push(ESCAPES.get(plain) ?? plain);
    at += 1 + whole.length;
  }
  throw unreadable(SOURCE, place, 'this string has no end');
}
