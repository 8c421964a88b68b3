/** GRUB's script language as a tree, as far as rendered menus use it. Pure. */

import { type Token, tokenize } from '../../formats/grub-tokens.ts';
import { BootFailure } from '../failure.ts';

export type Node =
  | { readonly kind: 'command'; readonly words: readonly string[] }
  | { readonly kind: 'if'; readonly branches: readonly Branch[]; readonly otherwise: readonly Node[] }
  | {
      readonly kind: 'for';
      readonly name: string;
      readonly words: readonly string[];
      readonly body: readonly Node[];
    }
  | { readonly kind: 'menuentry'; readonly words: readonly string[]; readonly body: readonly Node[] };

type Branch = { readonly condition: readonly Node[]; readonly body: readonly Node[] };

/** Throws a BootFailure for what GRUB would not read, and for loops with a condition. */
export function parseGrub(text: string): readonly Node[] {
  const { tokens, unclosed } = tokenize(text);
  if (unclosed !== undefined) throw unusable('a quote is never closed');
  const parser = new Parser(tokens);
  const nodes = parser.block([]);
  if (!parser.atEnd) throw unusable(`"${parser.word}" closes nothing`);
  return nodes;
}

function unusable(why: string): BootFailure {
  return new BootFailure('config-unusable', `the GRUB configuration: ${why}`);
}

class Parser {
  private readonly tokens: readonly Token[];
  private at = 0;

  constructor(tokens: readonly Token[]) {
    this.tokens = tokens;
  }

  get atEnd(): boolean {
    return this.at >= this.tokens.length;
  }

  /** The word of the language that comes next; undefined for other words. */
  get word(): string | undefined {
    const token = this.tokens[this.at];
    return token?.kind === 'word' && token.plain ? token.text : undefined;
  }

  /** Commands up to one of these words, which is not taken. */
  block(ends: readonly string[]): readonly Node[] {
    const nodes: Node[] = [];
    for (;;) {
      while (this.tokens[this.at]?.kind === 'end') this.at++;
      if (this.atEnd || ['fi', 'done', '}', ...ends].includes(this.word ?? '')) return nodes;
      nodes.push(this.statement());
    }
  }

  private statement(): Node {
    if (this.word === 'if') return this.ifStatement();
    if (this.word === 'for') return this.forStatement();
    if (['while', 'until', 'function'].includes(this.word ?? ''))
      throw unusable(`"${this.word}" is not played`);
    const isEntry = this.word === 'menuentry' || this.word === 'submenu';
    const words = this.words();
    if (!isEntry) return { kind: 'command', words };
    this.take('{');
    const body = this.block([]);
    this.take('}');
    return { kind: 'menuentry', words: words.slice(1), body };
  }

  private ifStatement(): Node {
    const branches: Branch[] = [];
    do {
      this.at++; // if, elif
      const condition = this.block(['then']);
      this.take('then');
      branches.push({ condition, body: this.block(['elif', 'else']) });
    } while (this.word === 'elif');
    let otherwise: readonly Node[] = [];
    if (this.word === 'else') {
      this.at++;
      otherwise = this.block([]);
    }
    this.take('fi');
    return { kind: 'if', branches, otherwise };
  }

  private forStatement(): Node {
    const [, name = '', , ...words] = this.words();
    this.block(['do']);
    this.take('do');
    const body = this.block([]);
    this.take('done');
    return { kind: 'for', name, words, body };
  }

  /** A simple command, up to its end or to a brace. */
  private words(): readonly string[] {
    const words: string[] = [];
    for (;;) {
      const token = this.tokens[this.at];
      if (token === undefined || token.kind === 'end') return words;
      if (token.plain && (token.text === '{' || token.text === '}')) return words;
      words.push(token.text);
      this.at++;
    }
  }

  private take(word: string): void {
    while (word !== '{' && this.tokens[this.at]?.kind === 'end') this.at++;
    if (this.word !== word) throw unusable(`"${word}" is missing`);
    this.at++;
  }
}
