/** What is to be changed, held against the schema before it is held against the other records. */

import { isDeepStrictEqual } from 'node:util';
import type { Problem } from '../errors.ts';
import { shaped } from '../inventory/record-shape.ts';
import { nameOf, type Site } from '../inventory/site.ts';
import type { Collection, Records } from '../inventory/types.ts';
import type { Change } from '../store/types.ts';

type Fields = Readonly<Record<string, unknown>>;

export type ShapedChange = {
  /** With addresses and names in the one way to write them; undefined where it makes no difference. */
  readonly change: Change | undefined;
  readonly problems: readonly Problem[];
};

export function shapedChange(site: Site, change: Change): ShapedChange {
  if (change.op === 'delete') return { change, problems: [] };
  const { collection } = change;
  const { record, faults } = shaped(collection, change.record);
  const id = change.record.id;
  const before = id === undefined ? undefined : (site.byId(collection, id) as Fields | undefined);
  if (faults.length === 0) {
    const same = before !== undefined && isDeepStrictEqual(record, before);
    return { change: same ? undefined : ({ ...change, record } as unknown as Change), problems: [] };
  }
  // What was wrong before is nobody's fault now.
  const old = new Set(before === undefined ? [] : shaped(collection, before).faults.map(keyOf));
  const file = `${collection}/${nameOf(collection, change.record as Records[Collection])}`;
  const news = faults.filter((fault) => !old.has(keyOf(fault)));
  return { change, problems: news.map((fault) => ({ file, ...fault })) };
}

function keyOf({ path, message }: { readonly path: string; readonly message: string }): string {
  return `${path}: ${message}`;
}
