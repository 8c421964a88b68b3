/** Personal access tokens: shown once, kept as their SHA-256, which is enough for 256 random bits. */

import { createHash, randomBytes } from 'node:crypto';
import type { PersonalAccessToken } from '../../inventory/types.ts';

/** Found by secret scanners, and by people who wonder what it is. */
const PREFIX = 'cbt_';

export function makeAccessToken(): { readonly value: string; readonly hash: string } {
  const value = `${PREFIX}${randomBytes(32).toString('base64url')}`;
  return { value, hash: hashToken(value) };
}

export function looksLikeToken(text: string): boolean {
  return text.startsWith(PREFIX);
}

export function hashToken(value: string): string {
  return createHash('sha256').update(value).digest('hex');
}

/** `now` is epoch milliseconds. */
export function isUsable({ expires_at, revoked_at }: PersonalAccessToken, now: number): boolean {
  return revoked_at === undefined && (expires_at === undefined || expires_at > now);
}
