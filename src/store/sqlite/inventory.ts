import { ChainbootError, reasonOf } from '../../errors.ts';
import type { Collection } from '../../inventory/types.ts';
import type { AuditEntry, Change, InventoryStore, Stored } from '../types.ts';
import { sqliteAudits } from './audits.ts';
import type { Connection } from './database.ts';

/** A hundred thousand are read at each start: as arrays, and what is parsed is not copied. */
type Row = readonly [collection: Collection, id: number, document: string | null];

function storedOf([collection, id, document]: Row): Stored {
  if (document === null) return { op: 'delete', collection, id };
  try {
    const record = JSON.parse(document);
    record.id = id;
    return { op: 'put', collection, record };
  } catch (error) {
    throw new ChainbootError('STORE_CORRUPT', { kind: collection, id, reason: reasonOf(error) });
  }
}

/** The inventory in SQLite; several processes may have the same file open. */
export function sqliteInventory(db: Connection): InventoryStore {
  const newest = db.prepare('SELECT coalesce(max(revision), 0) AS revision FROM records');
  const news = db
    .prepare('SELECT collection, id, document FROM records WHERE revision > ? ORDER BY revision, id')
    .raw();
  const all = db.prepare('SELECT collection, id, document FROM records WHERE document IS NOT NULL').raw();
  const nextId = db.prepare('SELECT coalesce(max(id), 0) + 1 AS id FROM records WHERE collection = ?');
  const put = db.prepare(
    `INSERT INTO records (collection, id, revision, document) VALUES (?, ?, ?, ?)
     ON CONFLICT (collection, id) DO UPDATE SET revision = excluded.revision, document = excluded.document`,
  );

  const audits = sqliteAudits(db);

  const revisionNow = () => (newest.get() as { revision: number }).revision;
  /** For who knows nothing yet, what was deleted is no news, and nothing needs to be put into order. */
  const rowsSince = (revision: number) => (revision === 0 ? all.all() : news.all(revision)) as Row[];
  const changesSince = (revision: number) => rowsSince(revision).map(storedOf);

  function make(change: Change, revision: number): Stored {
    if (change.op === 'delete') {
      put.run(change.collection, change.id, revision, null);
      return change;
    }
    const id = change.record.id ?? (nextId.get(change.collection) as { id: number }).id;
    const { id: _id, ...document } = change.record;
    put.run(change.collection, id, revision, JSON.stringify(document));
    return { op: 'put', collection: change.collection, record: { ...document, id } } as Stored;
  }

  type Plan = (news: readonly Stored[]) => readonly Change[];
  type Note = (made: readonly Stored[]) => readonly AuditEntry[];
  const transaction = db.transaction((from: number, plan: Plan, note: Note) => {
    const latest = changesSince(from);
    const changes = plan(latest);
    const revision = revisionNow() + (changes.length > 0 ? 1 : 0);
    const made = changes.map((change) => make(change, revision));
    audits.add(note(made));
    return { revision, news: latest, made };
  });

  return {
    async since(revision) {
      const now = revisionNow();
      return now === revision
        ? { revision, changes: [] }
        : { revision: now, changes: changesSince(revision) };
    },
    // IMMEDIATE takes the write lock before the first read: no other process changes anything in between.
    transact: async (revision, plan, audit = () => []) => transaction.immediate(revision, plan, audit),
    audits: audits.audits,
    pruneAudits: audits.pruneAudits,
    close: async () => undefined,
  };
}
