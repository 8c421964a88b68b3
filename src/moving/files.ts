/**
 * How configurations that name other files reach those: the rim gives a reader, tests give one over a map. Paths are
 * as the configuration has them; the reader knows what relative ones are relative to.
 */

import { type Place, unreadable } from './place.ts';

export type Files = {
  /** Undefined where there is no such file; whatever else goes wrong is thrown by the reader. */
  readonly read: (path: string) => string | undefined;
  /** Names of the files in a directory, sorted; undefined where there is no such directory. */
  readonly list: (path: string) => readonly string[] | undefined;
  /** The path as messages have it: as whoever runs this would write it. */
  readonly shown: (path: string) => string;
};

/** Over a map of paths to texts. */
export function filesOf(texts: Readonly<Record<string, string>>): Files {
  const inside = (directory: string) => `${directory.replace(/\/+$/, '')}/`;
  return {
    shown: (path) => path,
    read: (path) => (Object.hasOwn(texts, path) ? texts[path] : undefined),
    list: (directory) => {
      const names = Object.keys(texts)
        .filter((path) => path.startsWith(inside(directory)))
        .map((path) => path.slice(inside(directory).length))
        .filter((name) => !name.includes('/'));
      return names.length === 0 ? undefined : names.sort();
    },
  };
}

/** Of files that name each other. */
const MAX_DEPTH = 20;

export type Included = { readonly text: string; readonly file: string };

/** A file that `place` asks for. @throws ChainbootError IMPORT_UNREADABLE */
export function included(files: Files, path: string, source: string, place: Place, depth: number): Included {
  if (depth > MAX_DEPTH) throw unreadable(source, place, 'files include each other without end');
  const text = files.read(path);
  if (text === undefined) throw unreadable(source, place, `the file ${files.shown(path)} is not there`);
  return { text, file: files.shown(path) };
}
