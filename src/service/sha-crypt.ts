/**
 * crypt(3) with SHA-256 (`$5$`) and SHA-512 (`$6$`), as installers write it into /etc/shadow: Ulrich Drepper, "Unix
 * crypt using SHA-256 and SHA-512" (2008). Node has no crypt(3), and what npm has is no longer looked after.
 */

import { createHash, randomBytes } from 'node:crypto';

export type ShaCrypt = '$5$' | '$6$';

/** The default of the specification, which a hash then does not mention. */
const ROUNDS = 5000;
const MAX_SALT = 16;
const ALPHABET = './0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** `$6$salt$hash`. */
export function shaCrypt(password: string, scheme: ShaCrypt, salt = makeSalt()): string {
  const used = salt.slice(0, MAX_SALT);
  const digest = digestOf(Buffer.from(password), Buffer.from(used), scheme === '$5$' ? 'sha256' : 'sha512');
  return `${scheme}${used}$${encoded(digest, scheme === '$5$' ? ORDER_256 : ORDER_512)}`;
}

function makeSalt(): string {
  return Array.from(randomBytes(MAX_SALT), (byte) => ALPHABET[byte & 63]).join('');
}

type Algorithm = 'sha256' | 'sha512';

function hash(algorithm: Algorithm, ...parts: readonly Uint8Array[]): Buffer {
  const sum = createHash(algorithm);
  for (const part of parts) sum.update(part);
  return sum.digest();
}

/** The bytes over and over, `length` of them. */
function repeated(bytes: Uint8Array, length: number): Buffer {
  return Buffer.alloc(length, bytes);
}

/** The numbers are the steps of the specification. */
function digestOf(key: Buffer, salt: Buffer, algorithm: Algorithm): Buffer {
  // 4–8
  const b = hash(algorithm, key, salt, key);
  // 1–3, 9–12
  const parts: Uint8Array[] = [key, salt, key.length === 0 ? key : repeated(b, key.length)];
  for (let bits = key.length; bits > 0; bits >>= 1) parts.push(bits & 1 ? b : key);
  let digest = hash(algorithm, ...parts);
  // 13–16
  const p =
    key.length === 0 ? key : repeated(hash(algorithm, ...Array<Buffer>(key.length).fill(key)), key.length);
  // 17–20
  const s = repeated(hash(algorithm, ...Array<Buffer>(16 + digest[0]!).fill(salt)), salt.length);
  // 21
  for (let round = 0; round < ROUNDS; round++) {
    const odd = round % 2 === 1;
    const sum: Uint8Array[] = [odd ? p : digest];
    if (round % 3 !== 0) sum.push(s);
    if (round % 7 !== 0) sum.push(p);
    sum.push(odd ? digest : p);
    digest = hash(algorithm, ...sum);
  }
  return digest;
}

/** 22: which bytes make up each group of four characters. */
const ORDER_256 = [
  [0, 10, 20],
  [21, 1, 11],
  [12, 22, 2],
  [3, 13, 23],
  [24, 4, 14],
  [15, 25, 5],
  [6, 16, 26],
  [27, 7, 17],
  [18, 28, 8],
  [9, 19, 29],
  [31, 30],
] as const;
const ORDER_512 = [
  [0, 21, 42],
  [22, 43, 1],
  [44, 2, 23],
  [3, 24, 45],
  [25, 46, 4],
  [47, 5, 26],
  [6, 27, 48],
  [28, 49, 7],
  [50, 8, 29],
  [9, 30, 51],
  [31, 52, 10],
  [53, 11, 32],
  [12, 33, 54],
  [34, 55, 13],
  [56, 14, 35],
  [15, 36, 57],
  [37, 58, 16],
  [59, 17, 38],
  [18, 39, 60],
  [40, 61, 19],
  [62, 20, 41],
  [63],
] as const;

function encoded(digest: Buffer, order: readonly (readonly number[])[]): string {
  return order
    .map((group) => {
      let bits = group.reduce((sum, index) => (sum << 8) | digest[index]!, 0);
      let text = '';
      // Eight bits take two characters, sixteen take three, twenty-four take four.
      for (let left = group.length + 1; left > 0; left--) {
        text += ALPHABET[bits & 63];
        bits >>= 6;
      }
      return text;
    })
    .join('');
}
