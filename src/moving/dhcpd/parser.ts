/** dhcpd.conf(5) as statements: words up to a semicolon, or words and the statements in the braces after them. */

import { type Files, included } from '../files.ts';
import { type Place, unreadable } from '../place.ts';
import { SOURCE, type Token, tokensOf } from './lexer.ts';

export type Statement = {
  readonly place: Place;
  readonly words: readonly Token[];
  /** Of declarations; undefined for those that end with a semicolon. */
  readonly block?: readonly Statement[];
};

/** No configuration comes near it. */
const MAX_NESTING = 100;

type Open = { readonly words: readonly Token[]; readonly place: Place; readonly statements: Statement[] };

/**
 * Statements of a file, those of included files in their places.
 * @throws ChainbootError IMPORT_UNREADABLE for braces and semicolons that are missing, and for missing files
 */
export function parseDhcpd(text: string, file: string, files: Files, depth = 0): readonly Statement[] {
  const open: Open[] = [];
  const top: Statement[] = [];
  let words: Token[] = [];
  const here = () => open.at(-1)?.statements ?? top;
  for (const token of tokensOf(text, file)) {
    const mark = token.kind === 'mark' ? token.text : undefined;
    if (mark === ';') {
      if (words.length > 0) here().push(...statementsOf(words, files, depth));
      words = [];
    } else if (mark === '{') {
      if (open.length > MAX_NESTING) throw unreadable(SOURCE, token.place, 'braces nest too deep');
      open.push({ words, place: (words[0] ?? token).place, statements: [] });
      words = [];
    } else if (mark === '}') {
      if (words.length > 0)
        throw unreadable(SOURCE, token.place, `a semicolon is missing after ${textOf(words)}`);
      const done = open.pop();
      if (done === undefined) throw unreadable(SOURCE, token.place, 'there is one } more than {');
      here().push({ place: done.place, words: done.words, block: done.statements });
    } else words.push(token);
  }
  const unfinished = open.at(-1);
  if (unfinished !== undefined)
    throw unreadable(SOURCE, unfinished.place, `the { after ${textOf(unfinished.words)} is never closed`);
  if (words.length > 0)
    throw unreadable(SOURCE, words[0]!.place, `a semicolon is missing after ${textOf(words)}`);
  return top;
}

function statementsOf(words: readonly Token[], files: Files, depth: number): readonly Statement[] {
  const [first, second] = words;
  if (first!.text !== 'include' || first!.kind !== 'word') return [{ place: first!.place, words }];
  if (second?.kind !== 'text') throw unreadable(SOURCE, first!.place, 'include needs a file name in quotes');
  const { text, file } = included(files, second.text, SOURCE, first!.place, depth);
  return parseDhcpd(text, file, files, depth + 1);
}

const MAX_SHOWN = 60;

/** As somebody might have written them, cut short for messages. */
export function textOf(words: readonly Token[]): string {
  const text = words.map(({ kind, text }) => (kind === 'text' ? JSON.stringify(text) : text)).join(' ');
  if (text === '') return 'nothing';
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)} …` : text;
}
