/** The administrator of a server that has none, with the password that the configuration gives or that is made up. */

import { readText } from '../config/load.ts';
import type { Config } from '../config/schema.ts';
import { hasAdmin } from '../inventory/roles.ts';
import { ensureAdmin } from '../service/auth/first-admin.ts';
import { requirePassword } from '../service/auth/passwords.ts';
import type { Core } from './core.ts';

/**
 * Makes the first administrator. Resolves with its password unless that was given.
 * Rejects with CONFIG_UNREADABLE or PASSWORD_UNUSABLE.
 */
export async function firstPassword({ inventory }: Core, { api }: Config): Promise<string | undefined> {
  if (!api.enabled || hasAdmin(inventory.site)) return undefined;
  const file = api.admin_password_file;
  const given = file === undefined ? undefined : requirePassword(readText(file).split(/\r?\n/, 1)[0]!);
  const password = await ensureAdmin(inventory, { via: 'boot' }, given);
  return given === undefined ? password : undefined;
}
