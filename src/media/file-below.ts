/** Files below a directory that is served, and never anything else. */

import { realpath, stat } from 'node:fs/promises';
import { join, normalize, sep } from 'node:path';

/**
 * `inside`: a symbolic link must not lead out of the directory. `anywhere`: it may, because whoever fills the
 * directory decides what is served (Debian's /usr/lib/ipxe/ipxe.lkrn is a link to /boot/ipxe.lkrn).
 */
export type Links = 'inside' | 'anywhere';

/** The path of a regular file below `root`; undefined when there is none, or when the name leads outside. */
export async function fileBelow(root: string, name: string, links: Links): Promise<string | undefined> {
  const relative = normalize(name);
  if (relative.startsWith('..') || relative.startsWith(sep) || relative.includes('\0')) return undefined;
  try {
    const top = await realpath(root);
    const path = await realpath(join(top, relative));
    if (links === 'inside' && !path.startsWith(top.endsWith(sep) ? top : top + sep)) return undefined;
    return (await stat(path)).isFile() ? path : undefined;
  } catch {
    return undefined;
  }
}
