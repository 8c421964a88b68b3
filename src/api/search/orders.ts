/**
 * Whole collections in an order that was asked for, until anything changes: whoever goes through all pages, or back from
 * the last one, has the list sorted once. What is kept of an order are references, eight bytes a record.
 */

import type { Site } from '../../inventory/site.ts';

type Kept = { readonly version: number; readonly lists: Map<string, readonly unknown[]> };

const MOST_ORDERS = 8;
const KEPT = new WeakMap<Site, Kept>();

/** `key` names the collection and the order. Sites without a version are sorted anew. */
export function sortedOnce<R>(site: Site, key: string, sort: () => readonly R[]): readonly R[] {
  if (site.version === undefined) return sort();
  let kept = KEPT.get(site);
  if (kept?.version !== site.version) KEPT.set(site, (kept = { version: site.version, lists: new Map() }));
  const known = kept.lists.get(key);
  if (known !== undefined) return known as readonly R[];
  const sorted = sort();
  const oldest = kept.lists.size >= MOST_ORDERS ? kept.lists.keys().next().value : undefined;
  if (oldest !== undefined) kept.lists.delete(oldest);
  kept.lists.set(key, sorted);
  return sorted;
}
