/** Configurations of other servers in test/fixtures/moving, and what was said of them. */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Files } from '../src/moving/files.ts';
import type { Moved } from '../src/moving/moved.ts';
import type { Outcome } from '../src/moving/report.ts';

export const EXAMPLES = fileURLToPath(new URL('fixtures/moving', import.meta.url));

export function example(path: string): string {
  return readFileSync(join(EXAMPLES, path), 'utf8');
}

/** Files of a directory below the examples; nothing else is there. */
export function filesIn(directory: string): Files {
  const unlessMissing = <T>(read: () => T): T | undefined => {
    try {
      return read();
    } catch {
      return undefined;
    }
  };
  return {
    shown: (path) => path,
    read: (path) => unlessMissing(() => readFileSync(join(EXAMPLES, directory, path), 'utf8')),
    list: (path) =>
      unlessMissing(() =>
        readdirSync(join(EXAMPLES, directory, path), { withFileTypes: true })
          .filter((entry) => entry.isFile())
          .map(({ name }) => name)
          .sort(),
      ),
  };
}

/** `file:line subject`, in the order of the report. */
export function said(moved: Moved, outcome: Outcome): readonly string[] {
  return moved.notes
    .filter((note) => note.outcome === outcome)
    .map(({ file, line, subject }) => `${file}:${line} ${subject}`);
}
