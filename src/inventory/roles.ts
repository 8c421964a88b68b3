/** What roles may: each may what the ones before it may. */

import type { Site } from './site.ts';
import { ROLES, type Role, type User, type Usergroup } from './types.ts';

export function roleAllows(role: Role, needed: Role): boolean {
  return ROLES.indexOf(role) >= ROLES.indexOf(needed);
}

/** The highest of a user's; undefined: the user may do nothing. */
export function roleOf({ roles = [] }: Pick<User, 'roles'>): Role | undefined {
  return ROLES.findLast((role) => roles.includes(role));
}

/** The highest of a user's own and of the groups the user is in. */
export function roleIn(site: Site, user: User): Role | undefined {
  const given = groupsOf(site, user).flatMap(({ roles = [] }) => roles);
  return given.length === 0 ? roleOf(user) : roleOf({ roles: [...given, ...(user.roles ?? [])] });
}

/** Groups may be in groups. */
function groupsOf(site: Site, { login }: User): readonly Usergroup[] {
  const all = site.list('usergroups');
  const found = new Set(all.filter(({ users }) => users.includes(login)));
  // What is added on the way is gone through as well.
  for (const { name } of found)
    for (const group of all) if (group.usergroups.includes(name)) found.add(group);
  return [...found];
}

/** May do everything, and is not kept from logging in. */
export function isActiveAdmin(site: Site, user: User): boolean {
  return !user.disabled && roleIn(site, user) === 'admin';
}

/** Whether anybody has the role, even one who is disabled: that was somebody's decision. */
export function hasAdmin(site: Site): boolean {
  return site.list('users').some((user) => roleIn(site, user) === 'admin');
}
