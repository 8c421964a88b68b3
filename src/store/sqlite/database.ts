/**
 * The one file that knows the SQLite driver (libsql, better-sqlite3's API), so that another can take its place.
 */

import { closeSync, existsSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'libsql';
import { ChainbootError, reasonOf } from '../../errors.ts';
import { PRIVATE } from './private-file.ts';
import { migrate } from './schema.ts';

export type Connection = Database.Database;

/** 64 MiB: a checkpoint waits for the disk, so it should be rare; by default it comes every 4 MiB. */
const CHECKPOINT_PAGES = 16_384;

/**
 * `FULL`: a commit is on the disk when it returns, for what must not be lost. `NORMAL`: it survives the end of
 * the process but perhaps not that of the machine, and costs no fsync, for what is written all the time.
 */
export type Durability = 'FULL' | 'NORMAL';

/**
 * SQLite makes its other files with the rights of this one. Never opens a file that is there: to close it would take
 * away the locks of all other connections of this process (POSIX fcntl; sqlite.org/howtocorrupt.html §2.2).
 */
function createPrivate(file: string): void {
  try {
    closeSync(openSync(file, 'wx', PRIVATE));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

/** Opens (and creates) the database; throws STORE_UNAVAILABLE. */
export function openDatabase(file: string, durability: Durability): Connection {
  try {
    // One level only: a mistyped path should fail, not grow a tree.
    if (!existsSync(dirname(file))) mkdirSync(dirname(file));
    if (!existsSync(file)) createPrivate(file);
    const db = new Database(file);
    // Several processes share the file: the daemon and whatever verb the administrator runs beside it.
    db.exec(
      `PRAGMA journal_mode = WAL; PRAGMA synchronous = ${durability}; PRAGMA busy_timeout = 5000; PRAGMA wal_autocheckpoint = ${CHECKPOINT_PAGES}`,
    );
    migrate(db);
    return db;
  } catch (error) {
    throw new ChainbootError('STORE_UNAVAILABLE', { file, reason: reasonOf(error) }, [], error);
  }
}
