/** What clients do wrong is told once in a while, so that a scanner fills no log. */

import type { Log } from '../boot/log.ts';

/** Milliseconds. */
const EVERY = 10_000;

/** Warns of each message at most once in ten seconds, with how often it would have since it was last told. */
export function sparingLog(
  log: Log,
  now: () => number,
): (message: string, fields: Readonly<Record<string, unknown>>) => void {
  const counts = new Map<string, { at: number; count: number }>();
  return (message, fields) => {
    const seen = counts.get(message) ?? { at: Number.NEGATIVE_INFINITY, count: 0 };
    counts.set(message, seen);
    seen.count++;
    if (now() - seen.at < EVERY) return;
    log('warn', message, { count: seen.count, ...fields });
    seen.at = now();
    seen.count = 0;
  };
}
