/** Answers what is not HTTP, too long or too slow, where node:http gives up on a connection. */

import type { Socket } from 'node:net';
import type { Log } from '../boot/log.ts';
import { ChainbootError, reasonOf } from '../errors.ts';
import { errorText } from './errors.ts';
import { sparingLog } from './sparing-log.ts';

export type RefuserDeps = {
  readonly log: Log;
  readonly now: () => number;
  /** Longest head that is read, for the error's words. */
  readonly headBytes: number;
};

/** `busy`: an answer is on its way over the same connection. */
export type Refuser = (error: NodeJS.ErrnoException, socket: Socket, busy: boolean) => void;

export function refuser({ log, now, headBytes }: RefuserDeps): Refuser {
  const tell = sparingLog(log, now);

  return (error, socket, busy) => {
    // Everything but what the parser says is a connection that broke, which is nobody's fault.
    const refused = error.code?.startsWith('HPE_') || error.code === 'ERR_HTTP_REQUEST_TIMEOUT';
    if (refused) {
      const fields = { last: socket.remoteAddress, reason: reasonOf(error) };
      tell('requests that are not HTTP were refused', fields);
    }
    if (!refused || busy || !socket.writable) {
      socket.destroy();
      return;
    }
    const [status, problem] = refusal(error, headBytes);
    const text = errorText(problem);
    // Destroyed right after the last byte: a client that keeps sending rubbish keeps no connection.
    socket.end(
      `HTTP/1.1 ${status}\r\nContent-Type: text/plain; charset=utf-8\r\n` +
        `Content-Length: ${Buffer.byteLength(text)}\r\nConnection: close\r\n\r\n${text}`,
      () => socket.destroy(),
    );
  };
}

function refusal(error: NodeJS.ErrnoException, limit: number): readonly [string, ChainbootError] {
  if (error.code === 'HPE_HEADER_OVERFLOW') {
    return ['431 Request Header Fields Too Large', new ChainbootError('REQUEST_TOO_LARGE', { limit })];
  }
  if (error.code === 'ERR_HTTP_REQUEST_TIMEOUT') {
    return [
      '408 Request Timeout',
      new ChainbootError('REQUEST_MALFORMED', { reason: 'it did not come in time' }),
    ];
  }
  return ['400 Bad Request', new ChainbootError('REQUEST_MALFORMED', { reason: reasonOf(error) })];
}
