/**
 * What we made at a server, written down: for servers whose entries carry no mark, so that nobody else's is touched, and to
 * tell what somebody else has changed since. One file for each server, replaced as a whole.
 */

import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { ChainbootError, reasonOf } from '../errors.ts';
import { writeWhole } from '../ops/write-whole.ts';
import type { Wanted } from './plan.ts';

const NOTHING: Wanted = { reservations: [], parts: {} };

const RECORD: z.ZodType<Wanted> = z.object({
  reservations: z.array(z.object({ mac: z.string(), name: z.string(), ip: z.string().exactOptional() })),
  parts: z.record(z.string(), z.string()),
});

export class Made {
  readonly #directory: string;
  readonly #path: string;

  constructor(directory: string, server: string) {
    this.#directory = directory;
    this.#path = join(directory, `${server}.json`);
  }

  /** Nothing where nothing was made. Rejects with FILE_UNREADABLE: what is ours is not known then. */
  async read(): Promise<Wanted> {
    try {
      return RECORD.parse(JSON.parse(await readFile(this.#path, 'utf8')));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return NOTHING;
      const reason = error instanceof z.ZodError ? z.prettifyError(error) : reasonOf(error);
      throw new ChainbootError('FILE_UNREADABLE', { name: this.#path, reason }, [], error);
    }
  }

  /** Rejects with FILE_UNWRITABLE. */
  async write(made: Wanted): Promise<void> {
    try {
      await mkdir(this.#directory, { recursive: true, mode: 0o700 });
      await writeWhole(this.#path, JSON.stringify(made));
    } catch (error) {
      throw new ChainbootError('FILE_UNWRITABLE', { name: this.#path, reason: reasonOf(error) }, [], error);
    }
  }
}
