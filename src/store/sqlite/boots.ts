import type { BootRow, BootStore, StoredStep } from '../types.ts';
import type { Connection } from './database.ts';

type StepRow = { cursor: number; document: string };

const stepOf = (row: StepRow) => JSON.parse(row.document) as StoredStep;

/**
 * Boots in SQLite. Steps arrive in batches and go in as one JSON array per statement: four times cheaper
 * than a statement a row, which is what keeps the trace affordable in a boot storm.
 */
export function sqliteBoots(db: Connection): BootStore {
  const addBoots = db.prepare(
    `INSERT INTO boots (id, started, mac, host)
       SELECT value->>'boot', value->>'at', value->>'mac', value->>'host' FROM json_each(?)
       WHERE true
     ON CONFLICT (id) DO UPDATE SET mac = coalesce(mac, excluded.mac), host = coalesce(excluded.host, host)
       WHERE boots.mac IS NULL OR boots.host IS NOT excluded.host`,
  );
  const addSteps = db.prepare(
    `INSERT INTO steps (boot, seq, document) SELECT value->>'boot', value->>'seq', value FROM json_each(?)`,
  );
  const append = db.transaction((json: string) => {
    addBoots.run(json);
    addSteps.run(json);
  });
  const list = db.prepare(
    `SELECT id, started, mac, host,
        (SELECT count(*) FROM steps WHERE boot = boots.id) AS steps,
        (SELECT document->>'at' FROM steps WHERE boot = boots.id ORDER BY seq DESC LIMIT 1) AS updated
     FROM boots WHERE (?1 IS NULL OR mac = ?1) AND (?2 IS NULL OR host = ?2)
     ORDER BY started DESC LIMIT ?3`,
  );
  const steps = db.prepare('SELECT cursor, document FROM steps WHERE boot = ? AND seq > ? ORDER BY seq');
  const tail = db.prepare('SELECT cursor, document FROM steps WHERE cursor > ? ORDER BY cursor LIMIT ?');
  const last = db.prepare('SELECT coalesce(max(cursor), 0) AS cursor FROM steps');
  const old = `SELECT id FROM boots ORDER BY started LIMIT min(?1, max(0, (SELECT count(*) FROM boots) - ?2))`;
  const dropSteps = db.prepare(`DELETE FROM steps WHERE boot IN (${old})`);
  const dropBoots = db.prepare(`DELETE FROM boots WHERE id IN (${old})`);
  const prune = db.transaction((keep: number, atMost: number) => {
    dropSteps.run(atMost, keep);
    return Number(dropBoots.run(atMost, keep).changes);
  });

  return {
    append: async (batch) => append.immediate(JSON.stringify(batch)),
    async boots({ limit, mac, host }) {
      type Row = BootRow & { mac: string | null; host: string | null };
      return (list.all(mac ?? null, host ?? null, limit) as Row[]).map(
        ({ id, started, updated, steps, mac, host }) => ({
          id,
          started,
          updated: Number(updated),
          steps,
          ...(mac !== null && { mac }),
          ...(host !== null && { host }),
        }),
      );
    },
    steps: async (boot, afterSeq = -1) => (steps.all(boot, afterSeq) as StepRow[]).map(stepOf),
    async tail(cursor, limit) {
      if (cursor < 0) return { cursor: (last.get() as { cursor: number }).cursor, steps: [] };
      const rows = tail.all(cursor, limit) as StepRow[];
      return { cursor: rows.at(-1)?.cursor ?? cursor, steps: rows.map(stepOf) };
    },
    prune: async (keep, atMost) => prune.immediate(keep, atMost),
    close: async () => undefined,
  };
}
