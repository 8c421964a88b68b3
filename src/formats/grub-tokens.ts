/** GRUB's lexer, as far as quotes, separators and words go. */

export type Token = {
  readonly kind: 'word' | 'end';
  readonly text: string;
  readonly offset: number;
  /** Without quotes and back-slashes: only then can it be a word of the language. */
  readonly plain: boolean;
};

type Word = {
  readonly text: string;
  readonly plain: boolean;
  readonly end: number;
  /** Where the quote begins that is never closed. */
  readonly unclosed?: number;
};

export type Tokens = {
  readonly tokens: readonly Token[];
  readonly unclosed?: number;
  /** Dollar signs that begin no variable. */
  readonly dollars: readonly number[];
};

const SEPARATOR = /[\n;&|<>]/;
/** Words of their own wherever they stand unquoted. */
const BRACE = /[{}]/;
const BLANK = /[ \t\r]/;

const VARIABLE = /\$(?:[A-Za-z_]\w*|\d+|[?@*#]|\{(?:[A-Za-z_]\w*|\d+|[?@*#])\})/y;

/** 0 when the dollar sign begins none. */
function variableLength(text: string, at: number): number {
  VARIABLE.lastIndex = at;
  return VARIABLE.exec(text)?.[0].length ?? 0;
}

export function tokenize(text: string): Tokens {
  const tokens: Token[] = [];
  const dollars: number[] = [];
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
    } else if (BRACE.test(char)) {
      tokens.push({ kind: 'word', text: char, offset: at++, plain: true });
    } else {
      const word = readWord(text, at, dollars);
      tokens.push({ kind: 'word', text: word.text, offset: at, plain: word.plain });
      if (word.unclosed !== undefined) return { tokens, dollars, unclosed: word.unclosed };
      at = word.end;
    }
  }
  return { tokens, dollars };
}

function readWord(source: string, start: number, dollars: number[]): Word {
  let text = '';
  let plain = true;
  let at = start;
  for (;;) {
    const char = source[at];
    if (char === undefined || BLANK.test(char) || SEPARATOR.test(char) || BRACE.test(char)) break;
    if (char === '\\') {
      plain = false;
      // A line end behind a back-slash is not there.
      if (source[at + 1] !== '\n') text += source[at + 1] ?? '';
      at += 2;
    } else if (char === '"' || char === "'") {
      plain = false;
      const end = quoteEnd(source, at, char, dollars);
      if (end === undefined) return { text, plain, end: source.length, unclosed: at };
      text += source.slice(at + 1, end);
      at = end + 1;
    } else {
      const length = char === '$' ? variableLength(source, at) : 1;
      if (length === 0) dollars.push(at);
      text += source.slice(at, at + Math.max(1, length));
      at += Math.max(1, length);
    }
  }
  return { text, plain, end: at };
}

function quoteEnd(source: string, start: number, quote: string, dollars: number[]): number | undefined {
  for (let at = start + 1; at < source.length; at++) {
    if (source[at] === quote) return at;
    if (quote === "'") continue;
    if (source[at] === '\\') at++;
    else if (source[at] === '$' && variableLength(source, at) === 0) dollars.push(at);
  }
  return undefined;
}
