/** The reader of configurations that name other files (see moving/files.ts), on the disk. */

import { readdirSync, readFileSync } from 'node:fs';
import { dirname, isAbsolute, join } from 'node:path';
import { ChainbootError, reasonOf } from '../errors.ts';

type FilesOnDisk = {
  readonly shown: (path: string) => string;
  readonly read: (path: string) => string | undefined;
  readonly list: (path: string) => readonly string[] | undefined;
};

/**
 * Relative paths are relative to `base`; absolute ones are below `root`, where the files of another machine were
 * copied to. What is there and cannot be read is CONFIG_UNREADABLE.
 */
export function filesBelow(base: string, root: string | undefined): FilesOnDisk {
  const place = (path: string) => {
    if (!isAbsolute(path)) return join(base, path);
    return root === undefined ? path : join(root, path);
  };
  return {
    shown: place,
    read: (path) => unlessMissing(path, () => readFileSync(place(path), 'utf8')),
    list: (path) =>
      unlessMissing(path, () =>
        readdirSync(place(path), { withFileTypes: true })
          .filter((entry) => entry.isFile() || entry.isSymbolicLink())
          .map(({ name }) => name)
          .sort(),
      ),
  };
}

export function filesBeside(file: string, root: string | undefined): FilesOnDisk {
  return filesBelow(dirname(file), root);
}

function unlessMissing<T>(file: string, read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw new ChainbootError('CONFIG_UNREADABLE', { file, reason: reasonOf(error) });
  }
}
