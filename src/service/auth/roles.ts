/** What roles may: each may what the ones before it may. */

import type { Site } from '../../inventory/site.ts';
import { ROLES, type Role, type User } from '../../inventory/types.ts';

export function roleAllows(role: Role, needed: Role): boolean {
  return ROLES.indexOf(role) >= ROLES.indexOf(needed);
}

/** The highest of a user's; undefined: the user may do nothing. */
export function roleOf({ roles = [] }: Pick<User, 'roles'>): Role | undefined {
  return ROLES.findLast((role) => roles.includes(role));
}

/** Whether anybody has the role, even one who is disabled: that was somebody's decision. */
export function hasAdmin(site: Site): boolean {
  return site.list('users').some((user) => roleOf(user) === 'admin');
}
