/** Times as people write them in searches: dates, and how long ago. */

export type Span = { readonly from: number; readonly to: number };

const UNITS: Readonly<Record<string, number>> = {
  second: 1000,
  minute: 60_000,
  hour: 3_600_000,
  day: 86_400_000,
  week: 604_800_000,
  month: 2_629_746_000,
  year: 31_556_952_000,
};
const DAY = 86_400_000;

/** `Today`, `3 days ago`, `2026-01-31`, `2026-01-31 10:00`; in UTC. Undefined for what is none. */
export function parseTime(text: string, now: number): Span | undefined {
  const words = text.trim().toLowerCase();
  const today = now - (now % DAY);
  if (words === 'now') return { from: now, to: now + 1 };
  if (words === 'today') return { from: today, to: today + DAY };
  if (words === 'yesterday') return { from: today - DAY, to: today };
  if (words === 'tomorrow') return { from: today + DAY, to: today + 2 * DAY };
  const ago = /^(\d+)\s+(second|minute|hour|day|week|month|year)s?\s+(ago|from now|hence)$/.exec(words);
  if (ago !== null) {
    const distance = Number(ago[1]) * UNITS[ago[2]!]!;
    const at = ago[3] === 'ago' ? now - distance : now + distance;
    return { from: at, to: at + 1 };
  }
  return parseDate(words);
}

function parseDate(words: string): Span | undefined {
  const match =
    /^(\d{4})-(\d{1,2})-(\d{1,2})(?:[t ]+(\d{1,2}):(\d{2})(?::(\d{2}))?(?:\.\d+)?(?:\s*(?:z|utc|\+00:?00))?)?$/.exec(
      words,
    );
  if (match === null) return undefined;
  const [year, month, day, hour, minute, second] = match
    .slice(1)
    .map((part) => (part === undefined ? undefined : Number(part)));
  const from = Date.UTC(year!, month! - 1, day!, hour ?? 0, minute ?? 0, second ?? 0);
  if (Number.isNaN(from)) return undefined;
  const length = second !== undefined ? 1000 : hour !== undefined ? 60_000 : DAY;
  return { from, to: from + length };
}
