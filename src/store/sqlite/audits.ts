import type { Audit, AuditEntry, AuditQuery, InventoryStore } from '../types.ts';
import type { Connection } from './database.ts';

type Row = { id: number; document: string };

export type SqliteAudits = Pick<InventoryStore, 'audits' | 'pruneAudits'> & {
  /** Within the transaction that is open. */
  add(entries: readonly AuditEntry[]): void;
};

const WHERE = `WHERE (?1 IS NULL OR collection = ?1) AND (?2 IS NULL OR record = ?2) AND (?3 IS NULL OR name = ?3)
  AND (?4 IS NULL OR user = ?4) AND (?5 IS NULL OR action = ?5) AND (?6 IS NULL OR at >= ?6)
  AND (?7 IS NULL OR collection NOT IN (SELECT value FROM json_each(?7)))`;

export function sqliteAudits(db: Connection): SqliteAudits {
  const add = db.prepare(
    'INSERT INTO audits (at, collection, record, name, action, user, document) VALUES (?, ?, ?, ?, ?, ?, ?)',
  );
  const count = db.prepare(`SELECT count(*) AS total FROM audits ${WHERE}`);
  const find = db.prepare(
    `SELECT id, document FROM audits ${WHERE} AND (?8 IS NULL OR id < ?8) ORDER BY id DESC LIMIT ?9 OFFSET ?10`,
  );
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
      const { total } =
        query.before === undefined ? (count.get(...where) as { total: number }) : { total: 0 };
      const rows = find.all(...where, query.before ?? null, query.limit, query.offset ?? 0) as Row[];
      return { total, audits: rows.map(({ id, document }) => ({ ...JSON.parse(document), id }) as Audit) };
    },
    pruneAudits: async (before, atMost) => Number(prune.run(before, atMost).changes),
  };
}

function valuesOf({ except, ...query }: AuditQuery): readonly unknown[] {
  const { collection, record, name, user, action, since } = query;
  const none = except === undefined ? undefined : JSON.stringify(except);
  return [collection, record, name, user, action, since, none].map((value) => value ?? null);
}
