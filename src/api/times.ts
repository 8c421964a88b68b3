/** Times as Rails writes them into JSON. */

/** `2026-01-02 03:04:05 UTC`; `at` is epoch milliseconds. */
export function shownTime(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

/** null: it did not happen. */
export function shownTimeOrNull(at: number | undefined): string | null {
  return at === undefined ? null : shownTime(at);
}
