/** The database holds hashes of passwords and the tokens of machines that are being installed: it is its owner's alone. */

import { chmodSync, statSync } from 'node:fs';
import type { Log } from '../../boot/log.ts';
import { reasonOf } from '../../errors.ts';

export const PRIVATE = 0o600;
const OTHERS = 0o077;

/**
 * Takes from group and others what rights they have on a database that is there, as one made by an older program or put
 * back from a backup, and says so. By name: to open the file and close it would take away SQLite's locks.
 */
export function makePrivate(file: string, log: Log): void {
  const loose = [file, `${file}-wal`, `${file}-shm`].filter(isLoose);
  if (loose.length === 0) return;
  try {
    for (const path of loose) chmodSync(path, PRIVATE);
    log('warn', 'the database could be read by others than its owner, and cannot any more', { file });
  } catch (error) {
    log('warn', 'the database can be read by others than its owner: chmod 600', {
      file,
      reason: reasonOf(error),
    });
  }
}

function isLoose(path: string): boolean {
  const mode = statSync(path, { throwIfNoEntry: false })?.mode ?? 0;
  return (mode & OTHERS) !== 0;
}
