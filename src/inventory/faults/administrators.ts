/** Without anybody who may do everything, nobody could let anybody in any more. */

import type { Inconsistency } from '../consistency.ts';
import { isActiveAdmin } from '../roles.ts';
import type { Site } from '../site.ts';

/**
 * What is wrong with a change that leaves no administrator who may log in: by deleting or disabling the last, or by
 * taking the role from the last or from a group that gave it. A site that has none has none to lose.
 */
export function administratorFaults(before: Site, after: Site): readonly Inconsistency[] {
  if (after.list('users').some((user) => isActiveAdmin(after, user))) return [];
  const last = before.list('users').filter((user) => isActiveAdmin(before, user));
  return last.map(({ login }) => ({
    collection: 'users',
    name: login,
    path: ['admin'],
    message: 'cannot be taken from the last administrator',
    suggestion: 'make another one first: chainboot user create NAME --role admin',
  }));
}
