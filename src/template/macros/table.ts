/**
 * Macro tables. An entry is one line: how it is called, what it does (both are printed in docs/templates.md),
 * and the function. How many arguments it takes follows from how it is called.
 */

import { RubyError } from '../errors.ts';
import type { RenderContext } from '../render-context.ts';
import { ANY, type Method, type MethodBody } from '../ruby/core/table.ts';

export type Macro = Method & {
  /** As in Ruby: `(name, default = nil)`, `(*path)`, `(text, verbatim: false)`; empty without arguments. */
  readonly parameters: string;
  /** One sentence or two. */
  readonly text: string;
  /** Known, so that the answer is a reason instead of "there is no such macro", but not to be had. */
  readonly refused?: true;
};

export type MacroTable = { readonly [name: string]: Macro | undefined };

type Entry = readonly [parameters: string, text: string, body: MethodBody<RenderContext>];

export function macros(entries: Readonly<Record<string, Entry>>): MacroTable {
  const table: Record<string, Macro> = Object.create(null);
  for (const [name, [parameters, text, body]] of Object.entries(entries))
    table[name] = { ...arityOf(parameters), parameters, text, body };
  return table;
}

/** Macros of Foreman that make no sense here, with the reason, which is all they ever answer. */
export function refusedMacros(reasons: Readonly<Record<string, string>>): MacroTable {
  const table: Record<string, Macro> = Object.create(null);
  for (const [name, text] of Object.entries(reasons)) {
    const body = (): never => {
      throw new RubyError(`${name} ${text}`);
    };
    table[name] = { min: 0, max: ANY, parameters: '(…)', text, body, refused: true };
  }
  return table;
}

/** Keyword arguments arrive together, as one last hash; a block is no argument. */
function arityOf(parameters: string): { readonly min: number; readonly max: number } {
  const list = parameters.slice(1, -1).split(/, (?![^{[]*[}\]])/);
  const named = list.filter((one) => one !== '' && !one.startsWith('&'));
  const positional = named.filter((one) => !/^\w+:/.test(one));
  const min = positional.filter((one) => !one.startsWith('*') && !one.includes(' = ')).length;
  if (positional.some((one) => one.startsWith('*'))) return { min, max: ANY };
  return { min, max: positional.length + (named.length > positional.length ? 1 : 0) };
}
