/** Media that lie on a mirror, as machines behind a proxy get them. */

import type { Medium } from '../inventory/types.ts';

/**
 * A machine behind a proxy need not reach the mirror: where a medium lies on one, its files have the names they have on media
 * in directories of ours, and the server
 * fetches them. A path with variables means another place for each system: those are left to the machines.
 */
export function throughProxy(medium: Medium): Medium {
  return isMirror(medium) ? { ...medium, path: '/through-a-proxy' } : medium;
}

/** Whether the path below `/media/<name>/` alone says where a file is on the mirror. */
export function isMirror({ path }: Pick<Medium, 'path'>): boolean {
  return /^https?:/i.test(path) && !path.includes('$');
}
