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
  /** A word on its own, looked for in the fields that are for that. */
  | { readonly kind: 'word'; readonly text: string };

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
    const tree = this.#or();
    const left = this.#peek();
    if (left !== undefined) throw this.#wrong(left, 'nothing more is expected here');
    return tree;
  }

  #peek(ahead = 0): Token | undefined {
    return this.#tokens[this.#next + ahead];
  }

  #take(): Token | undefined {
    return this.#tokens[this.#next++];
  }

  #or(): Tree {
    const parts = [this.#and()];
    while (this.#peek()?.kind === 'or') {
      this.#take();
      parts.push(this.#and());
    }
    return parts.length === 1 ? parts[0]! : { kind: 'or', of: parts };
  }

  /** What stands side by side, or has a comma between, is joined by `and`. */
  #and(): Tree {
    const parts = [this.#unary()];
    for (;;) {
      const kind = this.#peek()?.kind;
      if (kind === undefined || kind === 'or' || kind === ')') break;
      if (kind === 'and' || kind === ',') this.#take();
      parts.push(this.#unary());
    }
    return parts.length === 1 ? parts[0]! : { kind: 'and', of: parts };
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
      default:
        throw this.#wrong(token, 'a field or a word is expected');
    }
  }

  #bracket(open: Token): Tree {
    const inner = this.#or();
    if (this.#take()?.kind !== ')') throw this.#wrong(open, 'the bracket that opens here is not closed');
    return inner;
  }

  #condition(field: Extract<Token, { kind: 'word' }>): Tree {
    const comparison = this.#peek();
    if (comparison?.kind !== 'comparison') return { kind: 'word', text: field.text };
    this.#take();
    const { op } = comparison;
    const values = op === 'in' || op === 'not in' ? this.#list() : [this.#word('a value')];
    return { kind: 'compare', field: field.text, op, values, at: field.at };
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
