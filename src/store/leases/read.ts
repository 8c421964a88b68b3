/** The lease journal as others read it, while a server writes it. */

import { readFile } from 'node:fs/promises';
import type { Lease } from '../../boot/lease.ts';
import { ChainbootError, reasonOf } from '../../errors.ts';
import { parseJournal } from './content.ts';

/** The newest state of every lease; none when there is no journal yet. Rejects with LEASES_UNREADABLE. */
export async function readLeases(file: string): Promise<readonly Lease[]> {
  const bytes = await readFile(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw new ChainbootError('LEASES_UNREADABLE', { file, reason: reasonOf(error) }, [], error);
  });
  return bytes === undefined ? [] : [...parseJournal(file, bytes).newest.values()];
}
