/** JSON with positions. */

import type { FormatFinding } from './finding.ts';
import type { Tree } from './tree.ts';

export type ParsedTree =
  | { readonly ok: true; readonly tree: Tree }
  | { readonly ok: false; readonly findings: readonly FormatFinding[] };

class Unexpected extends Error {
  readonly offset: number;
  constructor(offset: number, message: string) {
    super(message);
    this.offset = offset;
  }
}

const MAX_DEPTH = 200;
const STRING = /"[ !#-[\]-\u{10ffff}]*(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[ !#-[\]-\u{10ffff}]*)*"/uy;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const WORD = /true|false|null/y;
const BLANK = /[ \t\n\r]*/y;

/** RFC 8259. Never throws. */
export function parseJson(text: string): ParsedTree {
  const reader = new Reader(text);
  try {
    const tree = reader.value(0);
    reader.end();
    return { ok: true, tree };
  } catch (error) {
    if (!(error instanceof Unexpected)) throw error;
    return { ok: false, findings: [{ offset: error.offset, severity: 'error', message: error.message }] };
  }
}

class Reader {
  private readonly text: string;
  private at = 0;
  constructor(text: string) {
    this.text = text;
  }

  value(depth: number): Tree {
    this.blank();
    if (depth > MAX_DEPTH) throw new Unexpected(this.at, 'this is nested too deeply');
    const offset = this.at;
    const char = this.text[offset];
    if (char === '{') return this.map(offset, depth);
    if (char === '[') return this.list(offset, depth);
    if (char === '"') return { kind: 'scalar', offset, value: this.string() };
    const token = this.take(NUMBER) ?? this.take(WORD);
    if (token === undefined) throw new Unexpected(offset, this.expected('a value'));
    return { kind: 'scalar', offset, value: JSON.parse(token) as number | boolean | null };
  }

  end(): void {
    this.blank();
    if (this.at < this.text.length)
      throw new Unexpected(this.at, 'no JSON can stand behind the end of the value');
  }

  private map(offset: number, depth: number): Tree {
    const entries: { key: string; offset: number; value: Tree }[] = [];
    this.at++;
    for (let first = true; !this.closes('}'); first = false) {
      if (!first) this.comma('}');
      const at = this.at;
      if (this.text[at] !== '"') throw new Unexpected(at, this.expected('a key in double quotes'));
      const key = this.string();
      this.blank();
      if (this.text[this.at] !== ':') throw new Unexpected(this.at, this.expected('a colon'));
      this.at++;
      entries.push({ key, offset: at, value: this.value(depth + 1) });
    }
    return { kind: 'map', offset, entries };
  }

  private list(offset: number, depth: number): Tree {
    const items: Tree[] = [];
    this.at++;
    for (let first = true; !this.closes(']'); first = false) {
      if (!first) this.comma(']');
      items.push(this.value(depth + 1));
    }
    return { kind: 'list', offset, items };
  }

  private closes(bracket: string): boolean {
    this.blank();
    if (this.text[this.at] !== bracket) return false;
    this.at++;
    return true;
  }

  private comma(bracket: string): void {
    if (this.text[this.at] !== ',') throw new Unexpected(this.at, this.expected(`a comma or "${bracket}"`));
    const comma = this.at++;
    this.blank();
    if (this.text[this.at] === bracket) throw new Unexpected(comma, `a comma before "${bracket}" is no JSON`);
  }

  private string(): string {
    const token = this.take(STRING);
    if (token === undefined)
      throw new Unexpected(this.at, 'this string is never closed, or has a character that must be escaped');
    return JSON.parse(token) as string;
  }

  private take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text)?.[0];
    if (found !== undefined) this.at += found.length;
    return found;
  }

  private blank(): void {
    this.take(BLANK);
  }

  private expected(what: string): string {
    return this.at >= this.text.length ? `the text ends where ${what} should be` : `${what} should be here`;
  }
}
