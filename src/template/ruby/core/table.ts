/**
 * Method tables. An entry is one line: the number of arguments (or the least and the most), then the
 * function. Tables have no prototype, so a name that is not in them is not found, whatever it is.
 */

import { RubyError } from '../../errors.ts';
import type { Block, Runtime } from '../runtime.ts';
import type { Value } from '../values.ts';

/** `args` has between `min` and `max` values when this is called. */
export type MethodBody<Self> = (
  self: Self,
  args: readonly Value[],
  runtime: Runtime,
  block: Block | undefined,
) => Value;

export type Method = { readonly min: number; readonly max: number; readonly body: MethodBody<never> };
export type MethodTable = { readonly [name: string]: Method | undefined };

type Entry<Self> =
  | readonly [arity: number, body: MethodBody<Self>]
  | readonly [min: number, max: number, body: MethodBody<Self>];

/** Any number of arguments from `min` on. */
export const ANY = Number.POSITIVE_INFINITY;

export function methods<Self>(entries: Readonly<Record<string, Entry<Self>>>): MethodTable {
  const table: Record<string, Method> = Object.create(null);
  for (const [name, entry] of Object.entries(entries)) {
    const [min, max, body] = entry.length === 2 ? [entry[0], entry[0], entry[1]] : entry;
    table[name] = { min, max, body: body as MethodBody<never> };
  }
  return table;
}

/** Second names of methods: `{ collect: 'map' }`. */
export function aliases(table: MethodTable, names: Readonly<Record<string, string>>): MethodTable {
  const added: Record<string, Method | undefined> = Object.create(null);
  for (const [alias, name] of Object.entries(names)) added[alias] = table[name];
  return inherit(table, added);
}

/** One table of all; a later one wins. */
export function inherit(...tables: readonly MethodTable[]): MethodTable {
  return Object.assign(Object.create(null), ...tables);
}

export function checkArity(method: Method, given: number): void {
  if (given >= method.min && given <= method.max) return;
  throw new RubyError(`wrong number of arguments (given ${given}, expected ${arityText(method)})`);
}

export function arityText({ min, max }: Pick<Method, 'min' | 'max'>): string {
  if (max === ANY) return `${min}+`;
  return min === max ? String(min) : `${min}..${max}`;
}
