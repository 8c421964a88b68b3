import type { Audit, AuditEntry, AuditQuery, InventoryStore } from '../types.ts';
import type { Connection } from './database.ts';

type Row = { id: number; document: string };

export type SqliteAudits = Pick<InventoryStore, 'audits' | 'pruneAudits'> & {
  /** Within the transaction that is open. */
  add(entries: readonly AuditEntry[]): void;
};

const WHERE = `WHERE (?1 IS NULL OR collection = ?1) AND (?2 IS NULL OR record = ?2) AND (?3 IS NULL OR name = ?3)
  AND (?4 IS NULL OR user = ?4) AND (?5 IS NULL OR action = ?5) AND (?6 IS NULL OR at >= ?6)`;

export function sqliteAudits(db: Connection): SqliteAudits {
  const add = db.prepare(
    'INSERT INTO audits (at, collection, record, name, action, user, document) VALUES (?, ?, ?, ?, ?, ?, ?)',
  );
  const count = db.prepare(`SELECT count(*) AS total FROM audits ${WHERE}`);
  const find = db.prepare(`SELECT id, document FROM audits ${WHERE} ORDER BY id DESC LIMIT ?7 OFFSET ?8`);
  // Ids rise with time, so the oldest are the first.
  const prune = db.prepare(
    'DELETE FROM audits WHERE id IN (SELECT id FROM audits WHERE at < ? ORDER BY id LIMIT ?)',
  );
  return {
    add(entries) {
      for (const entry of entries) {
        const { at, collection, record, name, action, user } = entry;
        add.run(at, collection, record, name, action, user ?? null, JSON.stringify(entry));
      }
    },
    async audits(query) {
      const where = valuesOf(query);
      const { total } = count.get(...where) as { total: number };
      const rows = find.all(...where, query.limit, query.offset ?? 0) as Row[];
      return { total, audits: rows.map(({ id, document }) => ({ ...JSON.parse(document), id }) as Audit) };
    },
    pruneAudits: async (before, atMost) => Number(prune.run(before, atMost).changes),
  };
}

function valuesOf({ collection, record, name, user, action, since }: AuditQuery): readonly unknown[] {
  return [collection, record, name, user, action, since].map((value) => value ?? null);
}
