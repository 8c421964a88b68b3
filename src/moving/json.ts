/**
 * JSON of which every value knows its place, as Kea writes it: with comments (#, //, C's), commas too many, and
 * `<?include "file"?>`.
 */

import { type Files, included } from './files.ts';
import { Lines, type Place, unreadable } from './place.ts';

export type Node =
  | { readonly kind: 'map'; readonly place: Place; readonly entries: ReadonlyMap<string, Node> }
  | { readonly kind: 'list'; readonly place: Place; readonly items: readonly Node[] }
  | { readonly kind: 'plain'; readonly place: Place; readonly value: string | number | boolean | null };

export type MapNode = Extract<Node, { readonly kind: 'map' }>;

/** `source`: whose files these are, for messages. */
export type JsonContext = { readonly files: Files; readonly source: string };

type Token = {
  readonly place: Place;
  readonly kind: 'mark' | 'value';
  readonly value: string | number | boolean | null;
};

const BLANK = /[\s\uFEFF]+|#[^\n]*|\/\/[^\n]*|\/\*[\s\S]*?\*\//y;
const INCLUDE = /<\?include\s+"((?:[^"\\\n]|\\.)*)"\s*\?>/y;
const TEXT = /"((?:[^"\\\n]|\\.)*)"/y;
const WORD = /[-+0-9A-Za-z_.]+/y;
const MARKS = '{}[],:';
const LITERALS: ReadonlyMap<string, boolean | null> = new Map([
  ['true', true],
  ['false', false],
  ['null', null],
]);
/** No configuration comes near it. */
const MAX_NESTING = 100;

function tokensOf(
  text: string,
  file: string,
  { files, source }: JsonContext,
  depth: number,
): readonly Token[] {
  const lines = new Lines(file, text);
  const tokens: Token[] = [];
  let at = 0;
  const take = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    const found = pattern.exec(text);
    if (found !== null) at += found[0].length;
    return found;
  };
  while (at < text.length) {
    if (take(BLANK) !== null) continue;
    const place = lines.at(at);
    const path = take(INCLUDE)?.[1];
    if (path !== undefined) {
      const other = included(files, path, source, place, depth);
      for (const token of tokensOf(other.text, other.file, { files, source }, depth + 1)) tokens.push(token);
      continue;
    }
    const string = take(TEXT);
    if (string !== null) tokens.push({ place, kind: 'value', value: stringOf(string[0], source, place) });
    else if (MARKS.includes(text[at]!)) tokens.push({ place, kind: 'mark', value: text[at++]! });
    else tokens.push({ place, kind: 'value', value: literalOf(take(WORD)?.[0], text[at], source, place) });
  }
  return tokens;
}

function stringOf(quoted: string, source: string, place: Place): string {
  try {
    return JSON.parse(quoted.replace(/\t/g, '\\t')) as string;
  } catch {
    throw unreadable(source, place, 'this string has an escape that JSON does not know');
  }
}

function literalOf(
  word: string | undefined,
  char: string | undefined,
  source: string,
  place: Place,
): number | boolean | null {
  if (word === undefined) throw unreadable(source, place, `${JSON.stringify(char)} has no meaning here`);
  const literal = LITERALS.get(word.toLowerCase());
  if (literal !== undefined) return literal;
  if (!/^-?\d+(\.\d+)?(e[-+]?\d+)?$/i.test(word)) throw unreadable(source, place, `"${word}" needs quotes`);
  return Number(word);
}

/** @throws ChainbootError IMPORT_UNREADABLE with the place of what is not JSON, and for missing files */
export function parseJson(text: string, file: string, context: JsonContext): Node {
  const tokens = tokensOf(text, file, context, 0);
  const end: Token = {
    place: tokens.at(-1)?.place ?? { file, line: 1, column: 1 },
    kind: 'mark',
    value: 'the end of the file',
  };
  const reader = new Reader(tokens, end, context.source);
  const node = reader.node(0);
  reader.finish();
  return node;
}

class Reader {
  private readonly tokens: readonly Token[];
  private readonly end: Token;
  private readonly source: string;
  private at = 0;

  constructor(tokens: readonly Token[], end: Token, source: string) {
    this.tokens = tokens;
    this.end = end;
    this.source = source;
  }

  node(depth: number): Node {
    const token = this.next();
    const { place, value } = token;
    if (token.kind === 'value') return { kind: 'plain', place, value };
    if (depth > MAX_NESTING) throw unreadable(this.source, place, 'this nests too deep');
    if (value === '{') return { kind: 'map', place, entries: this.entries(depth) };
    if (value === '[') return { kind: 'list', place, items: this.items(depth) };
    throw this.unexpected(token, 'a value');
  }

  finish(): void {
    const rest = this.tokens[this.at];
    if (rest !== undefined) throw this.unexpected(rest, 'nothing more');
  }

  private entries(depth: number): ReadonlyMap<string, Node> {
    const entries = new Map<string, Node>();
    while (!this.closes('}')) {
      const key = this.next();
      if (key.kind !== 'value' || typeof key.value !== 'string')
        throw this.unexpected(key, 'a name in quotes');
      const colon = this.next();
      if (colon.kind !== 'mark' || colon.value !== ':') throw this.unexpected(colon, 'a colon');
      entries.set(key.value, this.node(depth + 1));
      this.separator('}');
    }
    return entries;
  }

  private items(depth: number): readonly Node[] {
    const items: Node[] = [];
    while (!this.closes(']')) {
      items.push(this.node(depth + 1));
      this.separator(']');
    }
    return items;
  }

  /** Takes the mark that ends a map or list, if it is there. */
  private closes(mark: string): boolean {
    const token = this.tokens[this.at];
    if (token?.kind !== 'mark' || token.value !== mark) return false;
    this.at += 1;
    return true;
  }

  /** Kea takes a comma before the end as well, with a warning. */
  private separator(mark: string): void {
    const token = this.tokens[this.at] ?? this.end;
    if (token.kind === 'mark' && token.value === mark) return;
    if (token.kind !== 'mark' || token.value !== ',') throw this.unexpected(token, `a comma or ${mark}`);
    this.at += 1;
  }

  private next(): Token {
    return this.tokens[this.at++] ?? this.end;
  }

  private unexpected({ place, value }: Token, wanted: string): Error {
    return unreadable(
      this.source,
      place,
      `${wanted} was expected, not ${typeof value === 'string' ? value : String(value)}`,
    );
  }
}

/** The items of a list, or of whatever else stands there as one; none where the key is not there. */
export function itemsAt(node: MapNode, key: string): readonly Node[] {
  const found = node.entries.get(key);
  return found?.kind === 'list' ? found.items : [];
}

export function mapsAt(node: MapNode, key: string): readonly MapNode[] {
  return itemsAt(node, key).filter((item) => item.kind === 'map');
}

/** Undefined for what is no text. */
export function textAt(node: MapNode, key: string): string | undefined {
  const found = node.entries.get(key);
  return found?.kind === 'plain' && typeof found.value === 'string' ? found.value : undefined;
}

export function numberAt(node: MapNode, key: string): number | undefined {
  const found = node.entries.get(key);
  return found?.kind === 'plain' && typeof found.value === 'number' ? found.value : undefined;
}

export function flagAt(node: MapNode, key: string): boolean | undefined {
  const found = node.entries.get(key);
  return found?.kind === 'plain' && typeof found.value === 'boolean' ? found.value : undefined;
}

/** The texts of a list. */
export function textsAt(node: MapNode, key: string): readonly string[] {
  return itemsAt(node, key).flatMap((item) =>
    item.kind === 'plain' && typeof item.value === 'string' ? [item.value] : [],
  );
}
