/**
 * Messages of OMAPI, with which ISC dhcpd is changed while it runs (omapi(3), seen at dhcpd 4.4.3). All numbers are
 * unsigned, most significant byte first. Pure.
 *
 *     greeting   version 100, length of a header 24
 *     header     key handle, signature length, operation, object handle, transaction, answered transaction
 *     pairs      of the message, then of the object: length (2) name, length (4) value, …; a length of 0 ends them
 *     signature  over all but the key handle
 */

import { createHmac, timingSafeEqual } from 'node:crypto';
import { DecodeError } from '../../net/bytes.ts';

export const OPERATION = { open: 1, refresh: 2, update: 3, notify: 4, status: 5, delete: 6 } as const;

/** By name, in the order in which they are sent. */
export type Pairs = Readonly<Record<string, Buffer>>;

export type OmapiMessage = {
  /** Of the key that signs; 0 for none. */
  readonly key: number;
  readonly operation: number;
  /** Of the object that is meant; 0 for one that is to be looked up. */
  readonly handle: number;
  readonly transaction: number;
  /** The transaction that this answers; 0 for none. */
  readonly answers: number;
  readonly message: Pairs;
  readonly object: Pairs;
};

export const ALGORITHMS = ['hmac-md5', 'hmac-sha1', 'hmac-sha256', 'hmac-sha512'] as const;
export type OmapiKey = {
  readonly name: string;
  readonly algorithm: (typeof ALGORITHMS)[number];
  readonly secret: Buffer;
};

export type Decoded = {
  readonly message: OmapiMessage;
  readonly signature: Buffer;
  /** What is signed. */
  readonly signed: Buffer;
  /** Bytes that it took. */
  readonly size: number;
};

const VERSION = 100;
const HEADER = 24;
export const GREETING_SIZE = 8;
/** The largest answer about a host has some hundred bytes. */
const MAX_MESSAGE = 1024 * 1024;
const MAX_SIGNATURE = 64;

export const GREETING: Buffer = numbers(VERSION, HEADER);

/** Undefined until it is there as a whole. @throws DecodeError for what is not OMAPI of this version */
export function decodeGreeting(bytes: Buffer): true | undefined {
  const known = Math.min(bytes.length, GREETING_SIZE);
  if (!bytes.subarray(0, known).equals(GREETING.subarray(0, known)))
    throw new DecodeError('no greeting of OMAPI 100', 0);
  return bytes.length < GREETING_SIZE ? undefined : true;
}

export function encodeMessage(message: OmapiMessage, key?: OmapiKey): Buffer {
  const { operation, handle, transaction, answers } = message;
  const signed = Buffer.concat([
    numbers(key === undefined ? 0 : signatureSize(key), operation, handle, transaction, answers),
    encodePairs(message.message),
    encodePairs(message.object),
  ]);
  const signature = key === undefined ? Buffer.alloc(0) : sign(signed, key);
  return Buffer.concat([numbers(message.key), signed, signature]);
}

/** Undefined until it is there as a whole. @throws DecodeError for one that is longer than any can be */
export function decodeMessage(bytes: Buffer): Decoded | undefined {
  if (bytes.length < HEADER) return undefined;
  const [key = 0, size = 0, operation = 0, handle = 0, transaction = 0, answers = 0] = Array.from(
    { length: HEADER / 4 },
    (_, i) => bytes.readUInt32BE(i * 4),
  );
  if (size > MAX_SIGNATURE) throw new DecodeError(`a signature of ${size} bytes`, 4);
  const message = decodePairs(bytes, HEADER);
  const object = message && decodePairs(bytes, message.end);
  if (message === undefined || object === undefined || bytes.length < object.end + size) {
    if (bytes.length > MAX_MESSAGE) throw new DecodeError('a message without end', HEADER);
    return undefined;
  }
  return {
    message: {
      ...{ key, operation, handle, transaction, answers },
      message: message.pairs,
      object: object.pairs,
    },
    signature: bytes.subarray(object.end, object.end + size),
    signed: bytes.subarray(4, object.end),
    size: object.end + size,
  };
}

export function isSignedBy({ signed, signature }: Decoded, key: OmapiKey): boolean {
  const expected = sign(signed, key);
  return signature.length === expected.length && timingSafeEqual(signature, expected);
}

export function number(value: number): Buffer {
  return numbers(value);
}

/** Undefined where it is none. */
export function numberIn(value: Buffer | undefined): number | undefined {
  return value?.length === 4 ? value.readUInt32BE(0) : undefined;
}

function encodePairs(pairs: Pairs): Buffer {
  const parts = Object.entries(pairs).flatMap(([name, value]) => {
    const length = Buffer.alloc(2);
    length.writeUInt16BE(Buffer.byteLength(name));
    return [length, Buffer.from(name), number(value.length), value];
  });
  return Buffer.concat([...parts, Buffer.alloc(2)]);
}

function decodePairs(
  bytes: Buffer,
  start: number,
): { readonly pairs: Pairs; readonly end: number } | undefined {
  const pairs = new Map<string, Buffer>();
  let at = start;
  while (at + 2 <= bytes.length) {
    const nameLength = bytes.readUInt16BE(at);
    if (nameLength === 0) return { pairs: Object.fromEntries(pairs), end: at + 2 };
    const valueAt = at + 2 + nameLength + 4;
    if (valueAt > bytes.length) return undefined;
    const valueLength = bytes.readUInt32BE(valueAt - 4);
    if (valueLength > MAX_MESSAGE) throw new DecodeError(`a value of ${valueLength} bytes`, valueAt);
    if (valueAt + valueLength > bytes.length) return undefined;
    const name = bytes.toString('utf8', at + 2, valueAt - 4);
    pairs.set(name, Buffer.from(bytes.subarray(valueAt, valueAt + valueLength)));
    at = valueAt + valueLength;
  }
  return undefined;
}

function sign(signed: Buffer, { algorithm, secret }: OmapiKey): Buffer {
  return createHmac(algorithm.slice('hmac-'.length), secret).update(signed).digest();
}

function signatureSize({ algorithm }: OmapiKey): number {
  return { 'hmac-md5': 16, 'hmac-sha1': 20, 'hmac-sha256': 32, 'hmac-sha512': 64 }[algorithm];
}

function numbers(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  values.forEach((value, i) => {
    bytes.writeUInt32BE(value, i * 4);
  });
  return bytes;
}
