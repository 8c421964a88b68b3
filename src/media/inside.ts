/** Files below a directory that is served, and never anything else. */

import { realpath, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';

/**
 * The real path of a regular file below `root`; undefined when there is none, or when a `..` or a symbolic
 * link leads outside.
 */
export async function fileInside(root: string, relative: string): Promise<string | undefined> {
  if (relative.includes('\0')) return undefined;
  try {
    const top = await realpath(root);
    const path = await realpath(join(top, relative));
    if (!path.startsWith(top.endsWith(sep) ? top : top + sep)) return undefined;
    return (await stat(path)).isFile() ? path : undefined;
  } catch {
    return undefined;
  }
}
