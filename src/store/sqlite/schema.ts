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

  -- The trace. Steps are written in chunks, a JSON array of [boot, seq, step] each, in the order in which they
  -- happened: one row for hundreds of steps is what makes a boot storm affordable. boots sums up what lists show
  -- and names the chunks a boot has steps in. Its ids sort by the time a boot began, so new ones go to the end;
  -- it has no other index: what is kept of boots is read through faster than indexes are kept in a storm.
  CREATE TABLE chunks (cursor INTEGER PRIMARY KEY, steps TEXT NOT NULL);
  CREATE TABLE boots (
    id TEXT PRIMARY KEY,
    started INTEGER NOT NULL,
    updated INTEGER NOT NULL,
    steps INTEGER NOT NULL,
    mac TEXT,
    host TEXT,
    chunks TEXT NOT NULL
  ) WITHOUT ROWID;
  `,
  `
  -- What each host last received of each template, to be compared with what it would receive now.
  CREATE TABLE renderings (
    host INTEGER NOT NULL,
    template TEXT NOT NULL,
    kind TEXT NOT NULL,
    at INTEGER NOT NULL,
    boot TEXT,
    text TEXT,
    PRIMARY KEY (host, template)
  );
  CREATE TRIGGER renderings_of_deleted_hosts AFTER UPDATE OF document ON records
    WHEN new.collection = 'hosts' AND new.document IS NULL
    BEGIN DELETE FROM renderings WHERE host = new.id; END;
  `,
  `
  -- Who changed what: read seldom, and never needed to boot a machine.
  CREATE TABLE audits (
    id INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    collection TEXT NOT NULL,
    record INTEGER NOT NULL,
    name TEXT NOT NULL,
    action TEXT NOT NULL,
    user TEXT,
    document TEXT NOT NULL
  );
  CREATE INDEX audits_of_records ON audits (collection, record);
  CREATE INDEX audits_by_name ON audits (name);
  `,
  `
  -- Boots that were only played are left out of lists.
  ALTER TABLE boots ADD COLUMN rehearsal INTEGER NOT NULL DEFAULT 0;
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
