/**
 * The local administrator's way to the running server: a socket beside the database, for whoever may open that. It needs
 * no login and no port, and is there with and without the API.
 *
 *     POST /rehearse   {"hosts": [...] | undefined, "as": ..., "timeoutMs": ...}   → one line of JSON for each host
 *     POST /fleet      {"count": ..., "as": ...}                                  → one line, then open until the end
 */

import { lstatSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { dirname, join } from 'node:path';
import type { Log } from '../../boot/log.ts';
import type { Config } from '../../config/schema.ts';
import { ChainbootError, reasonOf } from '../../errors.ts';
import { readBody } from '../../http/body.ts';

/** A line of an answer: anything that JSON can say. */
export type Line = object;
/** What a request leads to; lines are sent as they come. `signal` is aborted when the client leaves. */
export type Handler = (body: unknown, signal: AbortSignal) => AsyncIterable<Line>;

export function controlPath({ database }: Config): string {
  return join(dirname(database), 'control.sock');
}

/** sun_path of Linux holds 108 bytes, with a NUL at the end. */
const LONGEST_PATH = 107;
const MAX_BODY = 1024 * 1024;

export type ControlSocket = { close(): Promise<void> };

/** Never rejects: a server without this socket serves machines all the same, and the log says why it is missing. */
export async function openControl(
  config: Config,
  handlers: Readonly<Record<string, Handler>>,
  log: Log,
): Promise<ControlSocket> {
  const path = controlPath(config);
  try {
    if (Buffer.byteLength(path) > LONGEST_PATH) throw new Error('the path is too long for a socket');
    await removeStale(path);
    const server = createServer((request, response) => void serve(handlers, request, response, log));
    await listen(server, path);
    return { close: () => closed(server) };
  } catch (error) {
    log('warn', 'no control socket: chainboot rehearse cannot reach this server', {
      path,
      reason: reasonOf(error),
    });
    return { close: async () => {} };
  }
}

/** What a server left behind that was killed. */
async function removeStale(path: string): Promise<void> {
  if (lstatSync(path, { throwIfNoEntry: false }) === undefined) return;
  const isAlive = await new Promise<boolean>((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
  if (isAlive) throw new Error('another server answers there');
  rmSync(path);
}

/** Its owner's alone from the first moment. */
function listen(server: Server, path: string): Promise<void> {
  const before = process.umask(0o177);
  return new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, resolve);
  }).finally(() => process.umask(before));
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

async function serve(
  handlers: Readonly<Record<string, Handler>>,
  request: IncomingMessage,
  response: ServerResponse,
  log: Log,
): Promise<void> {
  const left = new AbortController();
  response.once('close', () => left.abort());
  try {
    const handler = request.method === 'POST' ? handlers[request.url ?? ''] : undefined;
    if (handler === undefined)
      throw new ChainbootError('ROUTE_UNKNOWN', { method: request.method, path: request.url });
    const body: unknown = JSON.parse(new TextDecoder().decode(await readBody(request, MAX_BODY)) || '{}');
    for await (const line of handler(body, left.signal)) {
      if (!response.headersSent) response.writeHead(200, { 'Content-Type': 'application/x-ndjson' });
      response.write(`${JSON.stringify(line)}\n`);
    }
    response.end();
  } catch (error) {
    const known =
      error instanceof ChainbootError ? error : new ChainbootError('INTERNAL', { reason: reasonOf(error) });
    if (known.code === 'INTERNAL') log('error', known.message, { path: request.url });
    if (!response.headersSent) response.writeHead(known.status, { 'Content-Type': 'application/x-ndjson' });
    response.end(`${JSON.stringify({ error: { code: known.code, values: known.values } })}\n`);
  }
}
