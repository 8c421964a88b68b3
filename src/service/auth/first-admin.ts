/** The administrator of a server that has none. */

import { randomBytes } from 'node:crypto';
import { hasAdmin } from '../../inventory/roles.ts';
import type { Actor } from '../../store/types.ts';
import type { Inventory } from '../inventory.ts';
import { changeRecords } from '../records.ts';
import { hashPassword } from './passwords.ts';

export const FIRST_ADMIN = 'admin';

/**
 * Makes the user `admin` unless somebody has that role already. Resolves with its password, which is kept nowhere;
 * undefined: there was nothing to do. A user of that name without the role is given it, and the password.
 */
export async function ensureAdmin(
  inventory: Inventory,
  actor: Actor,
  given: string | undefined,
): Promise<string | undefined> {
  if (hasAdmin(inventory.site)) return undefined;
  const password = given ?? randomBytes(12).toString('base64url');
  const password_hash = await hashPassword(password);
  const { result: made } = await changeRecords(inventory, actor, (site) => {
    // Another process may have been faster.
    if (hasAdmin(site)) return { changes: [], result: false };
    const existing = site.get('users', FIRST_ADMIN);
    const { disabled: _disabled, ...kept } = existing ?? { login: FIRST_ADMIN, ssh_keys: [] };
    const record = { ...kept, roles: ['admin' as const], password_hash };
    return { changes: [{ op: 'put', collection: 'users', record }], result: true };
  });
  return made ? password : undefined;
}
