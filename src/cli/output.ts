/** Data goes to stdout, talk to stderr; colours only on a terminal and without NO_COLOR. */

import { ChainbootError, formatProblem, reasonOf } from '../errors.ts';

/** Exit statuses, as `chainboot --help` documents them. */
export const EXIT = { ok: 0, failed: 1, refused: 2 } as const;

export function printJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
}

export function printLine(text: string): void {
  process.stdout.write(`${text}\n`);
}

export function say(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** Columns as wide as their widest cell. */
export function printTable(header: readonly string[], rows: readonly (readonly string[])[]): void {
  const all = [header, ...rows];
  const widths = header.map((_, i) => Math.max(...all.map((row) => (row[i] ?? '').length)));
  for (const row of all)
    printLine(
      row
        .map((cell, i) => (i === row.length - 1 ? cell : cell.padEnd(widths[i]!)))
        .join('  ')
        .trimEnd(),
    );
}

/** Code, sentence, every problem with its place, hint. */
export function printError(error: unknown): number {
  if (!(error instanceof ChainbootError)) {
    say(`chainboot: INTERNAL: ${error instanceof Error ? error.stack : reasonOf(error)}`);
    return EXIT.failed;
  }
  say(`chainboot: ${error.code}: ${error.message}`);
  for (const problem of error.problems) say(`  ${formatProblem(problem)}`);
  say(`  hint: ${error.hint}`);
  return error.status >= 400 && error.status < 500 ? EXIT.refused : EXIT.failed;
}

export function clock(time: number | undefined): string {
  return time === undefined ? '' : new Date(time).toISOString().replace('T', ' ').slice(0, 19);
}

export function size(bytes: number): string {
  if (bytes < 10_000) return `${bytes} B`;
  return bytes < 10_000_000 ? `${(bytes / 1000).toFixed(1)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
}
