/** Reads the body of a request into memory, no further than a limit. */

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
