/**
 * The records of the server that a proxy needs, kept in its own inventory, so that DHCP and everything else is decided here as
 * it would be there, whether or not the server can be asked. What machines reported goes there first: an older state of the
 * server must not bring a host back into build mode.
 */

import { isDeepStrictEqual } from 'node:util';
import type { Site } from '../inventory/site.ts';
import { COLLECTIONS, type Collection } from '../inventory/types.ts';
import type { Change, Stored } from '../store/types.ts';

/** What has to be changed so that the site holds these records, and none besides but those that come with the program. */
export function mirrorChanges(site: Site, records: readonly Stored[]): readonly Change[] {
  const wanted = new Map<string, Extract<Stored, { op: 'put' }>>();
  for (const stored of records)
    if (stored.op === 'put') wanted.set(keyOf(stored.collection, stored.record.id), stored);
  const deletes: Change[] = [];
  const puts: Change[] = [];
  for (const collection of COLLECTIONS) {
    if (OWN.has(collection)) continue;
    for (const record of site.list(collection)) {
      if (record.id < 0) continue;
      const key = keyOf(collection, record.id);
      const there = wanted.get(key);
      if (there === undefined) deletes.push({ op: 'delete', collection, id: record.id });
      else if (isSame(record, there.record)) wanted.delete(key);
    }
  }
  for (const stored of wanted.values()) puts.push(stored as Change);
  return [...deletes, ...puts];
}

/** Who may use this machine is no business of the server's. */
const OWN: ReadonlySet<Collection> = new Set(['users', 'usergroups', 'personal_access_tokens']);

function keyOf(collection: Collection, id: number): string {
  return `${collection} ${id}`;
}

/** The times are of the inventory that a record is in. */
function isSame(a: object, b: object): boolean {
  const plain = ({ created_at: _c, updated_at: _u, ...rest }: Record<string, unknown>) => rest;
  return isDeepStrictEqual(plain(a as Record<string, unknown>), plain(b as Record<string, unknown>));
}
