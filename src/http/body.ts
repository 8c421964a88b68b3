/** The body of a request: read into memory no further than a limit, or thrown away. */

import type { IncomingMessage } from 'node:http';
import { ChainbootError } from '../errors.ts';

export function readBody(message: IncomingMessage, limit: number): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const tooLarge = () => new ChainbootError('REQUEST_TOO_LARGE', { limit });
    if (Number(message.headers['content-length'] ?? 0) > limit) return reject(tooLarge());
    const pieces: Uint8Array[] = [];
    let length = 0;
    message.on('data', (piece: Uint8Array) => {
      length += piece.length;
      if (length <= limit) pieces.push(piece);
      else reject(tooLarge());
    });
    message.once('end', () => resolve(Buffer.concat(pieces)));
    const cut = () => reject(new ChainbootError('REQUEST_MALFORMED', { reason: 'its body was cut short' }));
    message.once('error', cut);
    message.once('close', () => message.complete || cut());
  });
}

/** What a client may still send after it is clear that nobody reads it. */
const DISCARD_BYTES = 1024 * 1024;
const DISCARD_TIME = 2_000;

/**
 * Reads on and throws away, for a while: a connection closed over unread bytes is reset, and the reset can
 * overtake the answer that says why (RFC 9112 §9.6). Resolves when all came, enough came or it took too long.
 */
export function discardBody(message: IncomingMessage): Promise<void> {
  if (message.complete) return Promise.resolve();
  return new Promise((resolve) => {
    let length = 0;
    const timer = setTimeout(resolve, DISCARD_TIME);
    const done = () => {
      clearTimeout(timer);
      resolve();
    };
    message.on('data', (piece: Uint8Array) => {
      length += piece.length;
      if (length > DISCARD_BYTES) done();
    });
    message.once('end', done);
    message.once('close', done);
  });
}
