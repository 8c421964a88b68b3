/** GRUB's lexer, as far as quotes, separators and words go. */

export type Token = {
  readonly kind: 'word' | 'end';
  readonly text: string;
  readonly offset: number;
  /** Without quotes and back-slashes: only then can it be a word of the language. */
  readonly plain: boolean;
};

type Word = { text: string; plain: boolean; end: number; unclosed?: number };

const SEPARATOR = /[\n;&|]/;
const BLANK = /[ \t\r]/;

export function tokenize(text: string): { readonly tokens: readonly Token[]; readonly unclosed?: number } {
  const tokens: Token[] = [];
  let at = 0;
  while (at < text.length) {
    const char = text[at]!;
    if (BLANK.test(char)) {
      at++;
    } else if (text.startsWith('\\\n', at)) {
      at += 2;
    } else if (char === '#') {
      const end = text.indexOf('\n', at);
      at = end < 0 ? text.length : end;
    } else if (SEPARATOR.test(char)) {
      tokens.push({ kind: 'end', text: char, offset: at++, plain: true });
    } else {
      const word = readWord(text, at);
      tokens.push({ kind: 'word', text: word.text, offset: at, plain: word.plain });
      if (word.unclosed !== undefined) return { tokens, unclosed: word.unclosed };
      at = word.end;
    }
  }
  return { tokens };
}

function readWord(source: string, start: number): Word {
  let text = '';
  let plain = true;
  let at = start;
  while (at < source.length && !BLANK.test(source[at]!) && !SEPARATOR.test(source[at]!)) {
    const char = source[at]!;
    if (char === '\\') {
      plain = false;
      // A line end behind a back-slash is not there.
      if (source[at + 1] !== '\n') text += source[at + 1] ?? '';
      at += 2;
    } else if (char === '"' || char === "'") {
      plain = false;
      const end = quoteEnd(source, at, char);
      if (end === undefined) return { text, plain, end: source.length, unclosed: at };
      text += source.slice(at + 1, end);
      at = end + 1;
    } else {
      text += char;
      at++;
    }
  }
  return { text, plain, end: at };
}

function quoteEnd(source: string, start: number, quote: string): number | undefined {
  for (let at = start + 1; at < source.length; at++) {
    if (source[at] === quote) return at;
    if (quote === '"' && source[at] === '\\') at++;
  }
  return undefined;
}
