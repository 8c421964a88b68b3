/** What operations want to change, held against the schema before it is held against the other records. */

import { isDeepStrictEqual } from 'node:util';
import { ChainbootError, type Problem } from '../errors.ts';
import { shaped } from '../inventory/record-shape.ts';
import { nameOf, type Site } from '../inventory/site.ts';
import type { Collection, Records } from '../inventory/types.ts';
import { tried } from '../service/records.ts';
import type { Change } from '../store/types.ts';

type Fields = Readonly<Record<string, unknown>>;
type Checked = { readonly change: Change | undefined; readonly problems: readonly Problem[] };

/** The changes that make a difference. Throws RECORD_INVALID with all that is wrong, of both kinds. */
export function checkedChanges(site: Site, changes: readonly Change[]): readonly Change[] {
  const checked = changes.map((change) => checkedChange(site, change));
  const problems = checked.flatMap((one) => one.problems);
  if (problems.length === 0) return checked.flatMap(({ change }) => change ?? []);
  const known = new Set(problems.map(({ file, path }) => `${file} ${path}`));
  const others = tried(site, changes).problems.filter(({ file, path }) => !known.has(`${file} ${path}`));
  const all = [...problems, ...others];
  throw new ChainbootError('RECORD_INVALID', { count: all.length }, all);
}

function checkedChange(site: Site, change: Change): Checked {
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
