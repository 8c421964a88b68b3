/** Follows the trace of a running server by reading its database, as `chainboot boots --follow` does. */

import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { openSqlite } from '../store/sqlite/open.ts';
import type { Story } from './story.ts';

const POLL_MS = 100;
const BATCH = 200;

/** Tells the story every step from the first one on; the returned function stops and closes the database. */
export function followTrace(database: string, story: Story): () => Promise<void> {
  const stop = new AbortController();
  const done = follow(database, story, stop.signal).catch((error: Error) => story.break(error));
  return async () => {
    stop.abort();
    await done;
  };
}

async function follow(database: string, story: Story, signal: AbortSignal): Promise<void> {
  while (!existsSync(database)) if (!(await pause(signal))) return;
  const store = openSqlite(database);
  try {
    let cursor = 0;
    do {
      const news = await store.boots.tail(cursor, BATCH);
      cursor = news.cursor;
      for (const step of news.steps) story.feed({ kind: 'step', at: step.at, step });
    } while (await pause(signal));
  } finally {
    await store.close();
  }
}

/** False once the follower is told to stop. */
async function pause(signal: AbortSignal): Promise<boolean> {
  try {
    await sleep(POLL_MS, undefined, { signal });
    return true;
  } catch {
    return false;
  }
}
