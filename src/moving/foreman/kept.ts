/**
 * What was fetched is kept in a file, an answer a line, so that an import that was cut short goes on where it stopped.
 * A last line that is not whole, as a full disk or a kill leaves it, does not count.
 */

import { once } from 'node:events';
import { createWriteStream, existsSync, readFileSync, rmSync } from 'node:fs';
import { ChainbootError, reasonOf } from '../../errors.ts';
import type { ForemanClient } from './client.ts';

export type Keeper = ForemanClient & {
  /** Answers that were there already. */
  readonly known: number;
  /** Writes what is under way to the disk. */
  finish(): Promise<void>;
};

type Line = { readonly path: string; readonly answer: unknown };

/** Rejects with CONFIG_UNREADABLE for a file that cannot be read. */
export function keeping(client: ForemanClient, file: string): Keeper {
  const answers = readKept(file);
  const known = answers.size;
  const stream = createWriteStream(file, { flags: 'a', mode: 0o600 });
  let failed: Error | undefined;
  stream.on('error', (error) => {
    failed = error;
  });
  return {
    known,
    async get(path) {
      if (answers.has(path)) return answers.get(path);
      const answer = await client.get(path);
      if (failed !== undefined) throw unwritable(file, failed);
      if (!stream.write(`${JSON.stringify({ path, answer } satisfies Line)}\n`)) await once(stream, 'drain');
      return answer;
    },
    async finish() {
      stream.end();
      if (!stream.writableFinished && failed === undefined) await once(stream, 'finish');
    },
    close: () => client.close(),
  };
}

export function forget(file: string): void {
  rmSync(file, { force: true });
}

function readKept(file: string): Map<string, unknown> {
  const answers = new Map<string, unknown>();
  if (!existsSync(file)) return answers;
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new ChainbootError('CONFIG_UNREADABLE', { file, reason: reasonOf(error) }, [], error);
  }
  for (const line of text.split('\n')) {
    try {
      const { path, answer } = JSON.parse(line) as Line;
      answers.set(path, answer);
    } catch {
      // The last line, cut short: its answer is fetched again.
    }
  }
  return answers;
}

function unwritable(name: string, error: Error): ChainbootError {
  return new ChainbootError('FILE_UNWRITABLE', { name, reason: error.message }, [], error);
}
