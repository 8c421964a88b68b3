/** Root passwords as they are kept: hashes in the form that the installer of an operating system takes. */

import { ChainbootError } from '../errors.ts';
import type { PasswordHash } from '../inventory/types.ts';
import { type ShaCrypt, shaCrypt } from './sha-crypt.ts';

/** Foreman's. */
export const MIN_ROOT_PASSWORD = 8;

/** A text that is one already, which is kept as it is: `$6$salt$hash`. */
export function isPasswordHash(text: string): boolean {
  return /^\$[0-9a-z]{1,4}\$[^$]*\$.{10,}$/i.test(text);
}

/**
 * `present` is the hash there is. Throws RECORD_INVALID for a password that is too short, or that is to be hashed
 * as is not done any more.
 */
export function rootPasswordHash(password: string, kind: PasswordHash = 'SHA512', present?: string): string {
  if (isPasswordHash(password)) return password;
  if (password.length < MIN_ROOT_PASSWORD)
    throw refused(`is too short (minimum is ${MIN_ROOT_PASSWORD} characters)`);
  switch (kind) {
    case 'SHA512':
      return shaCrypt(password, '$6$', saltOf(password, '$6$', present));
    case 'SHA256':
      return shaCrypt(password, '$5$', saltOf(password, '$5$', present));
    case 'Base64':
      return Buffer.from(password).toString('base64');
    // What unattend.xml takes for AdministratorPassword (Microsoft, "Hide sensitive data in an answer file").
    case 'Base64-Windows':
      return Buffer.from(`${password}AdministratorPassword`, 'utf16le').toString('base64');
    case 'MD5':
      throw refused('cannot be hashed with MD5 here: give a hash, or let the operating system take SHA512');
  }
}

/** That of the present hash if it is of the same password: saying so again then changes nothing. */
function saltOf(password: string, scheme: ShaCrypt, present: string | undefined): string | undefined {
  const [, , salt] = present?.startsWith(scheme) ? present.split('$') : [];
  return salt !== undefined && shaCrypt(password, scheme, salt) === present ? salt : undefined;
}

function refused(message: string): ChainbootError {
  return new ChainbootError('RECORD_INVALID', { count: 1 }, [
    { file: 'root_pass', path: 'root_pass', message },
  ]);
}
