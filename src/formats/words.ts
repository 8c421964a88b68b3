/** Words of a line as a POSIX shell splits them: what Kickstart's reader (Python's shlex) and others do. */

export type Word = {
  /** Without its quotes. */
  readonly text: string;
  /** In the line. */
  readonly offset: number;
};

export type Words =
  | { readonly ok: true; readonly words: readonly Word[] }
  /** Offset of the quote that is never closed. */
  | { readonly ok: false; readonly words: readonly Word[]; readonly unclosed: number };

/** `#` at the start of a word begins a comment when `comments` says so. */
export function splitWords(line: string, { comments = true } = {}): Words {
  const words: Word[] = [];
  let at = 0;
  while (at < line.length) {
    if (/\s/.test(line[at]!)) {
      at++;
      continue;
    }
    if (comments && line[at] === '#') break;
    const word = readWord(line, at);
    if (word.unclosed !== undefined) return { ok: false, words, unclosed: word.unclosed };
    words.push({ text: word.text, offset: at });
    at = word.end;
  }
  return { ok: true, words };
}

type ReadWord = { readonly text: string; readonly end: number; readonly unclosed?: number };

function readWord(line: string, start: number): ReadWord {
  let text = '';
  let at = start;
  while (at < line.length && !/\s/.test(line[at]!)) {
    const char = line[at]!;
    if (char === "'" || char === '"') {
      const quoted = readQuoted(line, at, char);
      if (quoted === undefined) return { text, end: line.length, unclosed: at };
      text += quoted.text;
      at = quoted.end;
    } else if (char === '\\' && at + 1 < line.length) {
      text += line[at + 1]!;
      at += 2;
    } else {
      text += char;
      at++;
    }
  }
  return { text, end: at };
}

function readQuoted(line: string, start: number, quote: string): { text: string; end: number } | undefined {
  let text = '';
  for (let at = start + 1; at < line.length; at++) {
    const char = line[at]!;
    if (char === quote) return { text, end: at + 1 };
    const escaped = quote === '"' && char === '\\' && /["\\]/.test(line[at + 1] ?? '');
    if (escaped) at++;
    text += escaped ? line[at]! : char;
  }
  return undefined;
}
