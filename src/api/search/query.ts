/** Lists of records as clients ask for them: searched, in an order, a page of them. */

import type { Site } from '../../inventory/site.ts';
import type { Collection, Records } from '../../inventory/types.ts';
import { candidates, compile, type Predicate } from './compile.ts';
import { type Searchable, SearchContext } from './field.ts';
import { SEARCHABLE } from './fields/all.ts';
import { sortedOnce } from './orders.ts';
import { comparing, type Sort, slice } from './page.ts';
import { parse } from './parse.ts';

/** Foreman's default. */
export const PER_PAGE = 20;

export type Asked = {
  readonly search?: string | undefined;
  readonly order?: string | undefined;
  readonly page?: number | undefined;
  readonly per_page?: number | 'all' | undefined;
};

export type Found<R> = {
  readonly total: number;
  readonly subtotal: number;
  readonly page: number;
  readonly per_page: number;
  readonly search: string | null;
  readonly sort: Sort;
  readonly records: readonly R[];
};

export type Query<C extends Collection> = Asked & {
  readonly site: Site;
  readonly collection: C;
  readonly records: readonly Records[C][];
  readonly idOf: <D extends Collection>(collection: D, record: Records[D]) => number;
  /** Epoch milliseconds. */
  readonly now: number;
};

/** Throws SEARCH_INVALID and ORDER_INVALID. */
export function runQuery<C extends Collection>(query: Query<C>): Found<Records[C]> {
  const { collection, site, now, idOf, records } = query;
  const searchable = SEARCHABLE[collection] as unknown as Searchable<Records[C]>;
  const isWhole = !query.search && records.length === site.list(collection).length;
  const sorted = isWhole
    ? (sort: () => readonly Records[C][]) => sortedOnce(site, `${collection} ${query.order}`, sort)
    : undefined;
  return search(records, searchable, new SearchContext(site, now, idOf), query, sorted);
}

export function search<R>(
  records: readonly R[],
  searchable: Searchable<R>,
  context: SearchContext,
  { search: text = '', order, page = 1, per_page = PER_PAGE }: Asked,
  sorted?: (sort: () => readonly R[]) => readonly R[],
): Found<R> {
  const tree = parse(text);
  const wanted = compile(text, tree, searchable, context);
  const pinned = candidates(tree, searchable, context);
  const matching = tree.kind === 'all' ? records : among(records, pinned, wanted);
  const { sort, compare } = comparing(order, searchable, context);
  const size = per_page === 'all' ? matching.length : per_page;
  const from = (page - 1) * size;
  return {
    total: records.length,
    subtotal: matching.length,
    page,
    per_page: size,
    search: text === '' ? null : text,
    sort,
    records: slice(matching, compare, from, from + size, sorted),
  };
}

/** Only the candidates are tested, if there are any; the order of the records stays. */
function among<R>(
  records: readonly R[],
  pinned: readonly object[] | undefined,
  wanted: Predicate<R>,
): readonly R[] {
  if (pinned === undefined) return records.filter(wanted);
  if (pinned.length === 0) return [];
  const set = new Set<unknown>(pinned);
  const at = set.size === 1 ? records.indexOf(pinned[0] as R) : -1;
  const near = set.size === 1 ? records.slice(at, at < 0 ? 0 : at + 1) : records;
  return near.filter((record) => set.has(record) && wanted(record));
}
