import type { Collection } from '../../inventory/types.ts';
import type { Change, InventoryStore, Stored } from '../types.ts';

type Entry = { readonly revision: number; readonly stored: Stored };

/** The inventory of a server that keeps nothing, and of tests. */
export function memoryInventory(): InventoryStore {
  let revision = 0;
  const entries = new Map<string, Entry>();
  const lastId = new Map<Collection, number>();

  const changesSince = (from: number) =>
    [...entries.values()].filter((entry) => entry.revision > from).map((entry) => entry.stored);

  function make(change: Change): Stored {
    const id =
      change.op === 'delete' ? change.id : (change.record.id ?? (lastId.get(change.collection) ?? 0) + 1);
    lastId.set(change.collection, Math.max(id, lastId.get(change.collection) ?? 0));
    const stored =
      change.op === 'delete'
        ? change
        : ({
            op: 'put',
            collection: change.collection,
            record: structuredClone({ ...change.record, id }),
          } as Stored);
    const key = `${change.collection}/${id}`;
    entries.delete(key);
    entries.set(key, { revision, stored });
    return stored;
  }

  return {
    since: async (from) => ({ revision, changes: from === revision ? [] : changesSince(from) }),
    async transact(from, plan) {
      const news = changesSince(from);
      const changes = plan(news);
      if (changes.length > 0) revision++;
      return { revision, news, made: changes.map(make) };
    },
    close: async () => undefined,
  };
}
