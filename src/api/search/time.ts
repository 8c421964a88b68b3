/** Times as people write them in searches: dates, and how long ago. */

/** `point`: before and after it count from its beginning, as with `2 hours ago`; without, a whole day is left out. */
export type Span = { readonly from: number; readonly to: number; readonly point?: true };

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/**
 * `Today`, `3 days ago`, `2026-01-31`, `2026-01-31 10:00`; in UTC. Days and more ago are whole days, as in
 * scoped_search. Undefined for what is none.
 */
export function parseTime(text: string, now: number): Span | undefined {
  const words = text.trim().toLowerCase();
  const today = now - (now % DAY);
  if (words === 'now') return { from: now, to: now + 1 };
  if (words === 'today') return { from: today, to: today + DAY };
  if (words === 'yesterday') return { from: today - DAY, to: today };
  if (words === 'tomorrow') return { from: today + DAY, to: today + 2 * DAY };
  const relative = /^(\d{1,6})\s+(second|minute|hour|day|week|month|year)s?\s+(ago|from now|hence)$/.exec(
    words,
  );
  if (relative === null) return parseDate(words);
  const [, count, unit, way] = relative as unknown as [string, string, string, string];
  return distant(Number(count) * (way === 'ago' ? -1 : 1), unit, now, today);
}

function distant(count: number, unit: string, now: number, today: number): Span {
  switch (unit) {
    case 'second':
      return { ...lasting(now + count * 1000, 1000), point: true };
    case 'minute':
      return { ...lasting(now + count * MINUTE, MINUTE), point: true };
    case 'hour':
      return { ...lasting(now + count * HOUR, HOUR), point: true };
    case 'day':
      return lasting(today + count * DAY, DAY);
    case 'week':
      return lasting(today + count * 7 * DAY, DAY);
    default:
      return lasting(monthsFrom(today, unit === 'year' ? 12 * count : count), DAY);
  }
}

function lasting(from: number, length: number): Span {
  return { from, to: from + length };
}

/** The same day of another month, or that month's last day. */
function monthsFrom(day: number, months: number): number {
  const date = new Date(day);
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth() + months];
  const last = new Date(Date.UTC(year, month + 1, 0)).getUTCDate();
  return Date.UTC(year, month, Math.min(date.getUTCDate(), last));
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
  const date = new Date(from);
  // 31 February, or 25 o'clock, would be another day.
  if (date.getUTCMonth() !== month! - 1 || date.getUTCDate() !== day || (minute ?? 0) > 59) return undefined;
  return lasting(from, second !== undefined ? 1000 : hour !== undefined ? MINUTE : DAY);
}
