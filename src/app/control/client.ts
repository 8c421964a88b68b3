/** Asks the running server by its control socket. */

import { type IncomingMessage, request } from 'node:http';
import type { Config } from '../../config/schema.ts';
import { ChainbootError, type ErrorCode, type ErrorValues, reasonOf } from '../../errors.ts';
import { controlPath, type Line } from './socket.ts';

/**
 * The lines of the answer, as they come; undefined where no server runs. Leaving the loop ends the request, and so does
 * `signal`, even while a line is waited for: that then is the last.
 * Rejects with SERVER_UNREACHABLE, or with the error that the server answers.
 */
export async function askServer(
  config: Config,
  path: string,
  body: object,
  signal?: AbortSignal,
): Promise<AsyncIterable<Line> | undefined> {
  const response = await sent(controlPath(config), path, JSON.stringify(body));
  return response && linesOf(response, signal);
}

/** Nobody listens: no server runs, or one that was killed left its socket behind. */
const NOBODY = new Set(['ENOENT', 'ECONNREFUSED']);

function sent(socketPath: string, path: string, body: string): Promise<IncomingMessage | undefined> {
  return new Promise((resolve, reject) => {
    const headers = { 'Content-Length': String(Buffer.byteLength(body)) };
    const call = request({ socketPath, path, method: 'POST', headers }, resolve);
    call.on('error', (error: NodeJS.ErrnoException) => {
      if (NOBODY.has(error.code ?? '')) resolve(undefined);
      else reject(new ChainbootError('SERVER_UNREACHABLE', { socket: socketPath, reason: reasonOf(error) }));
    });
    call.end(body);
  });
}

async function* linesOf(response: IncomingMessage, signal?: AbortSignal): AsyncGenerator<Line> {
  let rest = '';
  signal?.addEventListener('abort', () => response.destroy(), { once: true });
  response.setEncoding('utf8');
  try {
    for await (const chunk of response as AsyncIterable<string>) {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop()!;
      for (const line of lines) yield parsed(line);
    }
  } catch (error) {
    if (error instanceof ChainbootError) throw error;
    if (signal?.aborted) return;
    const reason = `it broke off: ${reasonOf(error)}`;
    throw new ChainbootError('SERVER_UNREACHABLE', { socket: 'the server', reason }, [], error);
  } finally {
    response.destroy();
  }
}

type Failed = { readonly error?: { readonly code: ErrorCode; readonly values: ErrorValues } };

function parsed(line: string): Line {
  const value = JSON.parse(line) as Line & Failed;
  if (value.error !== undefined && Object.keys(value).length === 1)
    throw new ChainbootError(value.error.code, value.error.values);
  return value;
}
