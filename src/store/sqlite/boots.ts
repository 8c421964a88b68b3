import type { BootQuery, BootRow, BootStore } from '../types.ts';
import { CHUNK, type Chunk, decodeEntries, encodeChunks } from './chunk.ts';
import type { Connection } from './database.ts';

type ChunkRow = { cursor: number; steps: string };

export type SqliteBoots = BootStore & {
  /** What `append` does with steps that are encoded already. */
  write(chunk: Chunk): void;
};

/** Boots in SQLite. A follower's cursor is `chunk * CHUNK + index`. */
export function sqliteBoots(db: Connection): SqliteBoots {
  const addChunk = db.prepare('INSERT INTO chunks (steps) VALUES (?)');
  const addBoots = db.prepare(
    `INSERT INTO boots (id, started, updated, steps, mac, host, rehearsal, chunks)
       SELECT value->>0, value->>1, value->>2, value->>3, value->>4, value->>5, value->>6, ?
         FROM json_each(?) WHERE true
     ON CONFLICT (id) DO UPDATE SET
       updated = max(updated, excluded.updated),
       steps = steps + excluded.steps,
       mac = coalesce(mac, excluded.mac),
       host = coalesce(excluded.host, host),
       chunks = chunks || ',' || excluded.chunks`,
  );
  const write = db.transaction(({ entries, sums }: Chunk) => {
    const { lastInsertRowid: chunk } = addChunk.run(entries);
    addBoots.run(String(chunk), sums);
  });

  const where = `WHERE (?1 IS NULL OR mac = ?1) AND (?2 IS NULL OR host = ?2) AND (?3 IS NULL OR started >= ?3)
     AND (?4 OR rehearsal = 0)`;
  const list = db.prepare(
    `SELECT id, started, updated, steps, mac, host, rehearsal FROM boots ${where}
     ORDER BY id DESC LIMIT ?5 OFFSET ?6`,
  );
  const total = db.prepare(`SELECT count(*) AS count FROM boots ${where}`);
  const chunksOf = db.prepare(
    `SELECT cursor, chunks.steps AS steps FROM boots, json_each('[' || boots.chunks || ']') AS part
       JOIN chunks ON chunks.cursor = part.value WHERE boots.id = ? ORDER BY cursor`,
  );
  const chunksFrom = db.prepare('SELECT cursor, steps FROM chunks WHERE cursor >= ? ORDER BY cursor LIMIT 1');
  const lastChunk = db.prepare('SELECT coalesce(max(cursor), 0) AS cursor FROM chunks');

  const dropBoots = db.prepare(
    `DELETE FROM boots WHERE id IN
       (SELECT id FROM boots ORDER BY id LIMIT min(?1, max(0, (SELECT count(*) FROM boots) - ?2)))`,
  );
  const dropOld = db.prepare(
    'DELETE FROM boots WHERE id IN (SELECT id FROM boots WHERE updated < ?1 ORDER BY id LIMIT ?2)',
  );
  // Boots are in the order in which they began, and so are their first chunks.
  const dropChunks = db.prepare(
    'DELETE FROM chunks WHERE cursor < (SELECT CAST(chunks AS INTEGER) FROM boots ORDER BY id LIMIT 1)',
  );
  const prune = db.transaction((keep: number, since: number, atMost: number) => {
    const surplus = Number(dropBoots.run(atMost, keep).changes);
    const dropped = surplus + (surplus < atMost ? Number(dropOld.run(since, atMost - surplus).changes) : 0);
    if (dropped > 0) dropChunks.run();
    return dropped;
  });

  return {
    write: (chunk) => write.immediate(chunk),
    async append(steps) {
      for (const chunk of encodeChunks(steps)) write.immediate(chunk);
    },
    async boots({ limit, offset = 0, ...query }) {
      type Row = Omit<BootRow, 'mac' | 'host' | 'rehearsal'> & {
        mac: string | null;
        host: string | null;
        rehearsal: number;
      };
      return (list.all(...valuesOf(query), limit, offset) as Row[]).map((row) => ({
        id: row.id,
        started: row.started,
        updated: row.updated,
        steps: row.steps,
        ...(row.mac !== null && { mac: row.mac }),
        ...(row.host !== null && { host: row.host }),
        ...(row.rehearsal === 1 && { rehearsal: true as const }),
      }));
    },
    count: async (query) => (total.get(...valuesOf(query)) as { count: number }).count,
    async steps(boot, afterSeq = -1) {
      const found = (chunksOf.all(boot) as ChunkRow[]).flatMap((row) => decodeEntries(row.steps));
      return found.filter((step) => step.boot === boot && step.seq > afterSeq);
    },
    async tail(cursor, limit) {
      if (cursor < 0) return { cursor: ((lastChunk.get() as ChunkRow).cursor + 1) * CHUNK, steps: [] };
      // A chunk at a time: a follower that has fallen behind calls again.
      const row = chunksFrom.all(Math.floor(cursor / CHUNK))[0] as ChunkRow | undefined;
      if (row === undefined) return { cursor, steps: [] };
      const first = Math.max(0, cursor - row.cursor * CHUNK);
      const entries = decodeEntries(row.steps);
      const steps = entries.slice(first, first + limit);
      const behind = (count: number) =>
        first + count < entries.length ? row.cursor * CHUNK + first + count : (row.cursor + 1) * CHUNK;
      return {
        cursor: behind(steps.length),
        steps: steps.map((step, i) => ({ ...step, cursor: behind(i + 1) })),
      };
    },
    prune: async (keep, since, atMost) => prune.immediate(keep, since, atMost),
    close: async () => undefined,
  };
}

/** Of the placeholders that all queries share. */
function valuesOf({ mac, host, since, rehearsals = false }: BootQuery) {
  return [mac ?? null, host ?? null, since ?? null, rehearsals ? 1 : 0] as const;
}
