import type { Collection } from '../../inventory/types.ts';
import type { Audit, AuditQuery, Change, InventoryStore, Stored } from '../types.ts';

type Entry = { readonly revision: number; readonly stored: Stored };

/** The inventory of a server that keeps nothing, and of tests. */
export function memoryInventory(): InventoryStore {
  let revision = 0;
  const entries = new Map<string, Entry>();
  const lastId = new Map<Collection, number>();
  const audits: Audit[] = [];
  let lastAudit = 0;

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
    async transact(from, plan, audit = () => []) {
      const news = changesSince(from);
      const changes = plan(news);
      if (changes.length > 0) revision++;
      const made = changes.map(make);
      for (const entry of audit(made)) audits.push({ ...structuredClone(entry), id: ++lastAudit });
      return { revision, news, made };
    },
    async audits(query) {
      const found = audits.filter((audit) => isAsked(audit, query)).reverse();
      const { limit, offset = 0, before } = query;
      const older = before === undefined ? found : found.filter(({ id }) => id < before);
      const total = before === undefined ? found.length : 0;
      return { total, audits: older.slice(offset, offset + limit) };
    },
    async pruneAudits(before, atMost) {
      const kept = audits.findIndex(({ at }) => at >= before);
      return audits.splice(0, Math.min(atMost, kept < 0 ? audits.length : kept)).length;
    },
    close: async () => undefined,
  };
}

function isAsked(audit: Audit, { except, ...query }: AuditQuery): boolean {
  const { collection, record, name, user, action, since } = query;
  return (
    !except?.includes(audit.collection) &&
    (collection === undefined || audit.collection === collection) &&
    (record === undefined || audit.record === record) &&
    (name === undefined || audit.name === name) &&
    (user === undefined || audit.user === user) &&
    (action === undefined || audit.action === action) &&
    (since === undefined || audit.at >= since)
  );
}
