/** The search language in words: names and values, operators, brackets, each with its place. */

import { ChainbootError } from '../../errors.ts';

export const COMPARISONS = ['=', '!=', '~', '!~', '>', '>=', '<', '<=', 'in', 'not in'] as const;
export type Comparison = (typeof COMPARISONS)[number];

export type Token =
  | { readonly kind: 'word'; readonly text: string; readonly quoted: boolean; readonly at: number }
  | { readonly kind: 'comparison'; readonly op: Comparison; readonly at: number }
  | {
      readonly kind: 'and' | 'or' | 'not' | 'has' | 'null' | '(' | ')' | ',';
      readonly at: number;
    };

/** Longer ones first. */
const SYMBOLS: readonly (readonly [string, (at: number) => Token])[] = [
  ['&&', (at) => ({ kind: 'and', at })],
  ['||', (at) => ({ kind: 'or', at })],
  ['!=', (at) => ({ kind: 'comparison', op: '!=', at })],
  ['<>', (at) => ({ kind: 'comparison', op: '!=', at })],
  ['!~', (at) => ({ kind: 'comparison', op: '!~', at })],
  ['>=', (at) => ({ kind: 'comparison', op: '>=', at })],
  ['<=', (at) => ({ kind: 'comparison', op: '<=', at })],
  ['==', (at) => ({ kind: 'comparison', op: '=', at })],
  ['!^', (at) => ({ kind: 'comparison', op: 'not in', at })],
  ['^', (at) => ({ kind: 'comparison', op: 'in', at })],
  ['=', (at) => ({ kind: 'comparison', op: '=', at })],
  ['~', (at) => ({ kind: 'comparison', op: '~', at })],
  ['>', (at) => ({ kind: 'comparison', op: '>', at })],
  ['<', (at) => ({ kind: 'comparison', op: '<', at })],
  ['&', (at) => ({ kind: 'and', at })],
  ['|', (at) => ({ kind: 'or', at })],
  ['!', (at) => ({ kind: 'not', at })],
  ['(', (at) => ({ kind: '(', at })],
  [')', (at) => ({ kind: ')', at })],
  [',', (at) => ({ kind: ',', at })],
];

const KEYWORDS: Readonly<Record<string, (at: number) => Token>> = {
  and: (at) => ({ kind: 'and', at }),
  or: (at) => ({ kind: 'or', at }),
  not: (at) => ({ kind: 'not', at }),
  in: (at) => ({ kind: 'comparison', op: 'in', at }),
  like: (at) => ({ kind: 'comparison', op: '~', at }),
  unlike: (at) => ({ kind: 'comparison', op: '!~', at }),
  before: (at) => ({ kind: 'comparison', op: '<', at }),
  after: (at) => ({ kind: 'comparison', op: '>', at }),
  at: (at) => ({ kind: 'comparison', op: '=', at }),
  has: (at) => ({ kind: 'has', at }),
  'set?': (at) => ({ kind: 'has', at }),
  'null?': (at) => ({ kind: 'null', at }),
};

/** Throws SEARCH_INVALID for a text in quotes that does not end. */
export function tokens(text: string): readonly Token[] {
  const found: Token[] = [];
  let at = 0;
  while (at < text.length) {
    const char = text[at]!;
    if (/\s/.test(char)) at += 1;
    else if (char === '"') at = quoted(text, at, found);
    else at = symbol(text, at, found) ?? word(text, at, found);
  }
  return found;
}

function quoted(text: string, start: number, found: Token[]): number {
  let inner = '';
  for (let at = start + 1; at < text.length; at++) {
    const char = text[at]!;
    if (char === '"') {
      found.push({ kind: 'word', text: inner, quoted: true, at: start });
      return at + 1;
    }
    inner += char === '\\' && at + 1 < text.length ? text[++at] : char;
  }
  throw invalid(text, start, 'the quotation mark that begins here has no end');
}

function symbol(text: string, at: number, found: Token[]): number | undefined {
  const match = SYMBOLS.find(([sign]) => text.startsWith(sign, at));
  // A minus before a word negates it; inside of one, and before a number that is a value, it belongs to it.
  if (match === undefined && text[at] === '-' && !isValue(found) && /[\w"(]/.test(text[at + 1] ?? '')) {
    found.push({ kind: 'not', at });
    return at + 1;
  }
  if (match === undefined) return undefined;
  found.push(match[1](at));
  return at + match[0].length;
}

/** Whether what follows is a value: after a comparison, or in the brackets of `in`. */
function isValue(found: readonly Token[]): boolean {
  const bracket = found.findLastIndex(({ kind }) => kind === '(' || kind === ')');
  const inList = found[bracket]?.kind === '(' && found[bracket - 1]?.kind === 'comparison';
  return inList || found.at(-1)?.kind === 'comparison';
}

function word(text: string, start: number, found: Token[]): number {
  let end = start;
  while (
    end < text.length &&
    !/[\s"=~<>^(),&|]/.test(text[end]!) &&
    !/^![=~^]/.test(text.slice(end, end + 2))
  )
    end++;
  const plain = text.slice(start, Math.max(end, start + 1));
  const lower = plain.toLowerCase();
  const keyword = Object.hasOwn(KEYWORDS, lower) ? KEYWORDS[lower] : undefined;
  const last = found.at(-1);
  // After a comparison stands a value, even one that is called `and`.
  if (keyword === undefined || isValue(found)) {
    found.push({ kind: 'word', text: plain, quoted: false, at: start });
  } else if (last?.kind === 'not' && /^in$/i.test(plain) && found.at(-2)?.kind === 'word') {
    found.pop();
    found.push({ kind: 'comparison', op: 'not in', at: last.at });
  } else found.push(keyword(start));
  return start + plain.length;
}

export function invalid(search: string, at: number, reason: string): ChainbootError {
  return new ChainbootError('SEARCH_INVALID', { search, at: at + 1, reason });
}
