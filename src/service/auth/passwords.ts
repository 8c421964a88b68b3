/** Passwords, as scrypt hashes (RFC 7914): `scrypt:N:r:p:salt:hash`, salt and hash in base64url. */

import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { ChainbootError } from '../../errors.ts';

/** 16 MiB and some 250 ms: what OWASP's cheat sheet on password storage asks for, in the least memory. */
const N = 16_384;
const R = 8;
const P = 5;
const LENGTH = 32;
/** Of hashes that came from elsewhere: more memory than that is no password but an attack. */
const MAX_MEMORY = 256 * 1024 * 1024;

/** Logins at the same time; the others wait, so that machines that boot do not: a core is left to them. */
const PARALLEL = Math.min(2, Math.max(1, availableParallelism() - 1));
/** Then waiting is an attack, and whoever comes later is sent away. */
const MAX_WAITING = 64;

export const MIN_PASSWORD = 8;

/** The password itself. Throws PASSWORD_UNUSABLE. */
export function requirePassword(password: string): string {
  if (password.length < MIN_PASSWORD)
    throw new ChainbootError('PASSWORD_UNUSABLE', { reason: `it has fewer than ${MIN_PASSWORD} characters` });
  return password;
}

export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16);
  const hash = await derive(password, salt, N, R, P, LENGTH);
  return ['scrypt', N, R, P, salt.toString('base64url'), hash.toString('base64url')].join(':');
}

/** Stands for users that are not there, so that their answer takes as long. */
const NOBODY = `scrypt:${N}:${R}:${P}:${'A'.repeat(22)}:${'A'.repeat(43)}`;

/** False for no hash at all, after the same time. Undefined: too many are waiting. */
export async function verifyPassword(
  password: string,
  stored: string | undefined,
): Promise<boolean | undefined> {
  const [kind, n, r, p, salt, hash] = (stored ?? NOBODY).split(':');
  if (kind !== 'scrypt' || salt === undefined || hash === undefined) return false;
  const expected = Buffer.from(hash, 'base64url');
  const [cost, block, lanes] = [Number(n), Number(r), Number(p)];
  if (!isReasonable(cost, block, lanes) || expected.length === 0) return false;
  if (waiting >= MAX_WAITING) return undefined;
  const found = await inTurn(() =>
    derive(password, Buffer.from(salt, 'base64url'), cost, block, lanes, expected.length),
  );
  return timingSafeEqual(found, expected) && stored !== undefined;
}

/** What scrypt can work with (RFC 7914 §2), in a memory that is no attack. */
function isReasonable(n: number, r: number, p: number): boolean {
  const counts = [n, r, p].every((value) => Number.isInteger(value) && value > 0);
  return counts && n > 1 && Number.isInteger(Math.log2(n)) && 128 * n * r * p <= MAX_MEMORY;
}

function derive(
  password: string,
  salt: Buffer,
  n: number,
  r: number,
  p: number,
  length: number,
): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    // Passwords typed on different keyboards are the same text (RFC 8265 §4.2.2).
    scrypt(password.normalize('NFC'), salt, length, { N: n, r, p, maxmem: 2 * MAX_MEMORY }, (error, key) =>
      error === null ? resolve(key) : reject(error),
    );
  });
}

let running = 0;
let waiting = 0;
const queue: (() => void)[] = [];

async function inTurn<T>(work: () => Promise<T>): Promise<T> {
  if (running >= PARALLEL) {
    waiting += 1;
    await new Promise<void>((resolve) => queue.push(resolve));
    waiting -= 1;
  }
  running += 1;
  try {
    return await work();
  } finally {
    running -= 1;
    queue.shift()?.();
  }
}
