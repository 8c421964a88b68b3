import type { TemplateKind } from '../../inventory/types.ts';
import { RENDERINGS_PER_HOST, type Rendering, type RenderingStore } from '../types.ts';
import type { Connection } from './database.ts';

type Row = {
  host: number;
  kind: TemplateKind;
  template: string;
  at: number;
  boot: string | null;
  text: string | null;
};

/** Renderings in SQLite, beside the hosts they were for. */
export function sqliteRenderings(db: Connection): RenderingStore {
  const add = db.prepare(
    `INSERT INTO renderings (host, template, kind, at, boot, text) SELECT ?1, ?2, ?3, ?4, ?5, ?6
       WHERE EXISTS (SELECT 1 FROM records WHERE collection = 'hosts' AND id = ?1 AND document IS NOT NULL)
     ON CONFLICT (host, template) DO UPDATE
       SET kind = excluded.kind, at = excluded.at, boot = excluded.boot, text = excluded.text
       WHERE excluded.at >= at`,
  );
  const forget = db.prepare(
    `DELETE FROM renderings WHERE host = ?1 AND template NOT IN
       (SELECT template FROM renderings WHERE host = ?1 ORDER BY at DESC LIMIT ${RENDERINGS_PER_HOST})`,
  );
  const find = db.prepare(
    'SELECT host, kind, template, at, boot, text FROM renderings WHERE host = ? AND kind = ? ORDER BY at DESC',
  );
  const put = db.transaction((renderings: readonly Rendering[]) => {
    for (const { host, template, kind, at, boot, text } of renderings)
      add.run(host, template, kind, at, boot ?? null, text ?? null);
    for (const host of new Set(renderings.map((rendering) => rendering.host))) forget.run(host);
  });
  return {
    put: async (renderings) => put.immediate(renderings),
    of: async (host, kind) =>
      (find.all(host, kind) as Row[]).map((row) => ({
        host: row.host,
        kind: row.kind,
        template: row.template,
        at: row.at,
        ...(row.boot !== null && { boot: row.boot }),
        ...(row.text !== null && { text: row.text }),
      })),
  };
}
