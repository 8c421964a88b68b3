/** Searches of lists that are not records: every plain value of a row is a field. */

import { SiteIndex } from '../../inventory/site.ts';
import { type Field, type Searchable, SearchContext, type Value } from './field.ts';
import { type Asked, type Found, search } from './query.ts';

type Row = Readonly<Record<string, unknown>>;

/** Throws SEARCH_INVALID and ORDER_INVALID. */
export function matchRows<R extends object>(
  rows: readonly R[],
  asked: Asked & { readonly now: number },
): Omit<Found<R>, 'records'> & { readonly rows: readonly R[] } {
  const context = new SearchContext(new SiteIndex(), asked.now, () => 0);
  const { records, ...found } = search(rows, searchableOf(rows), context, asked);
  return { ...found, rows: records };
}

function searchableOf<R extends object>(rows: readonly R[]): Searchable<R> {
  const names = new Set(['id', 'name', ...rows.flatMap((row) => Object.keys(row))]);
  return { fields: Object.fromEntries([...names].map((name) => [name, fieldOf(name, rows)])) };
}

function fieldOf<R extends object>(name: string, rows: readonly R[]): Field<R> {
  const sample = rows.map((row) => (row as Row)[name]).find((value) => value !== null && value !== undefined);
  const of = (row: R): Value | undefined => {
    const value = (row as Row)[name];
    return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
      ? value
      : undefined;
  };
  const type = typeof sample === 'number' ? 'number' : typeof sample === 'boolean' ? 'boolean' : 'text';
  return { type, of, ...(name === 'name' && { bare: true as const }) };
}
