/** The search language of scoped_search, which Foreman's clients write, as a tree. */

import { type Comparison, invalid, type Token, tokens } from './lexer.ts';

export type Tree =
  | { readonly kind: 'all' }
  | { readonly kind: 'and' | 'or'; readonly of: readonly Tree[] }
  | { readonly kind: 'not'; readonly of: Tree }
  | { readonly kind: 'has' | 'null'; readonly field: string; readonly at: number }
  | {
      readonly kind: 'compare';
      readonly field: string;
      readonly op: Comparison;
      /** Several only for `in` and `not in`. */
      readonly values: readonly string[];
      readonly at: number;
    }
  /** A word or a comparison without a field: looked for in the fields that are for that. */
  | { readonly kind: 'anywhere'; readonly op: Comparison; readonly values: readonly string[] };

/** Deeper brackets are a mistake. */
const MAX_DEPTH = 50;

/** Throws SEARCH_INVALID, which names the place. An empty search finds everything. */
export function parse(search: string): Tree {
  const parser = new Parser(search);
  return parser.whole();
}

class Parser {
  readonly #search: string;
  readonly #tokens: readonly Token[];
  #next = 0;
  #depth = 0;

  constructor(search: string) {
    this.#search = search;
    this.#tokens = tokens(search);
  }

  whole(): Tree {
    if (this.#tokens.length === 0) return { kind: 'all' };
    const tree = this.#sequence();
    const left = this.#peek();
    if (left !== undefined) throw this.#wrong(left, 'this bracket was not opened');
    return tree;
  }

  #peek(): Token | undefined {
    return this.#tokens[this.#next];
  }

  #take(): Token | undefined {
    return this.#tokens[this.#next++];
  }

  /** What stands side by side, or has a comma between, must all hold; it binds less than `and` and `or`. */
  #sequence(): Tree {
    const parts = [this.#chain()];
    for (;;) {
      const kind = this.#peek()?.kind;
      if (kind === undefined || kind === ')') return joined('and', parts);
      if (kind === ',') this.#take();
      parts.push(this.#chain());
    }
  }

  /** scoped_search has no precedence: each of `and` and `or` takes all that follows as its right side. */
  #chain(): Tree {
    const operands = [this.#unary()];
    const links: ('and' | 'or')[] = [];
    let turns = 0;
    for (;;) {
      const token = this.#peek();
      if (token?.kind !== 'and' && token?.kind !== 'or') return chained(operands, links);
      if (links.length > 0 && links.at(-1) !== token.kind) turns += 1;
      if (turns > MAX_DEPTH) throw this.#wrong(token, 'too many turns between and and or');
      this.#take();
      links.push(token.kind);
      operands.push(this.#unary());
    }
  }

  #unary(): Tree {
    const token = this.#take();
    if (token === undefined) throw this.#end('a condition is missing');
    this.#depth += 1;
    if (this.#depth > MAX_DEPTH) throw this.#wrong(token, 'too many brackets or negations');
    const tree = this.#term(token);
    this.#depth -= 1;
    return tree;
  }

  #term(token: Token): Tree {
    switch (token.kind) {
      case 'not':
        return { kind: 'not', of: this.#unary() };
      case '(':
        return this.#bracket(token);
      case 'has':
      case 'null':
        return { kind: token.kind, field: this.#word('a field'), at: token.at };
      case 'word':
        return this.#condition(token);
      case 'comparison':
        return { kind: 'anywhere', op: token.op, values: this.#values(token.op) };
      default:
        throw this.#wrong(token, 'a field or a word is expected');
    }
  }

  #bracket(open: Token): Tree {
    const inner = this.#sequence();
    if (this.#take()?.kind !== ')') throw this.#wrong(open, 'the bracket that opens here is not closed');
    return inner;
  }

  #condition(field: Extract<Token, { kind: 'word' }>): Tree {
    const comparison = this.#peek();
    if (comparison?.kind !== 'comparison') return { kind: 'anywhere', op: '~', values: [field.text] };
    this.#take();
    const { op } = comparison;
    return { kind: 'compare', field: field.text, op, values: this.#values(op), at: field.at };
  }

  #values(op: Comparison): readonly string[] {
    return op === 'in' || op === 'not in' ? this.#list() : [this.#word('a value')];
  }

  /** `(a, b, c)` or one value. */
  #list(): readonly string[] {
    if (this.#peek()?.kind !== '(') return [this.#word('a value')];
    const open = this.#take()!;
    const values: string[] = [];
    for (;;) {
      const token = this.#take();
      if (token?.kind === ')') return values;
      if (token === undefined) throw this.#wrong(open, 'the bracket that opens here is not closed');
      if (token.kind === 'word') values.push(token.text);
      else if (token.kind !== ',') throw this.#wrong(token, 'a value or a comma is expected');
    }
  }

  #word(what: string): string {
    const token = this.#take();
    if (token?.kind === 'word') return token.text;
    throw token === undefined ? this.#end(`${what} is missing`) : this.#wrong(token, `${what} is expected`);
  }

  #wrong({ at }: Token, reason: string) {
    return invalid(this.#search, at, reason);
  }

  #end(reason: string) {
    return invalid(this.#search, this.#search.length, reason);
  }
}

/** From the right: `a and b or c` is `a and (b or c)`. */
function chained(operands: readonly Tree[], links: readonly ('and' | 'or')[]): Tree {
  let run: Tree[] = [operands.at(-1)!];
  for (let i = links.length - 1; i >= 0; i--) {
    run.push(operands[i]!);
    if (links[i - 1] !== links[i]) run = [joined(links[i]!, run.reverse())];
  }
  return run[0]!;
}

/** Flat where the parts are joined in the same way. */
function joined(kind: 'and' | 'or', parts: readonly Tree[]): Tree {
  if (parts.length === 1) return parts[0]!;
  return { kind, of: parts.flatMap((part) => (part.kind === kind ? part.of : [part])) };
}
