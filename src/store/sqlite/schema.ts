/** Tables, by version. A migration is never edited once released, only followed by another. */

import type { Connection } from './database.ts';

const MIGRATIONS: readonly string[] = [
  `
  -- Inventory records are documents, checked by inventory/schema.ts; SQL knows what it must find them by.
  -- revision rises with every transaction, so that another process can ask what is new; a deleted record
  -- stays as a row without document, so that it can learn of that too.
  CREATE TABLE records (
    collection TEXT NOT NULL,
    id INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    document TEXT,
    PRIMARY KEY (collection, id)
  ) WITHOUT ROWID;
  CREATE INDEX records_by_revision ON records (revision);

  CREATE TABLE boots (
    id TEXT PRIMARY KEY,
    started INTEGER NOT NULL,
    mac TEXT,
    host TEXT
  ) WITHOUT ROWID;
  CREATE INDEX boots_by_start ON boots (started);
  CREATE INDEX boots_by_mac ON boots (mac, started);
  CREATE INDEX boots_by_host ON boots (host, started);

  -- cursor is the order in which steps were stored: what followers go by.
  CREATE TABLE steps (
    cursor INTEGER PRIMARY KEY AUTOINCREMENT,
    boot TEXT NOT NULL,
    seq INTEGER NOT NULL,
    document TEXT NOT NULL
  );
  CREATE INDEX steps_by_boot ON steps (boot, seq);
  `,
];

export function migrate(db: Connection): void {
  const run = db.transaction(() => {
    const { user_version: version } = db.prepare('PRAGMA user_version').get() as { user_version: number };
    for (const migration of MIGRATIONS.slice(version)) db.exec(migration);
    if (version < MIGRATIONS.length) db.exec(`PRAGMA user_version = ${MIGRATIONS.length}`);
  });
  run.immediate();
}
