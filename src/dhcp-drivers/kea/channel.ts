/** Commands to Kea, over the socket of kea-dhcp4 or over HTTP (kea-ctrl-agent; kea-dhcp4 itself from 3.0 on). */

import { Agent as PlainAgent } from 'node:http';
import { Agent } from 'node:https';
import { createConnection } from 'node:net';
import { ChainbootError, reasonOf } from '../../errors.ts';
import { type HttpResponse, httpRequest } from '../../ops/http-request.ts';
import { type Json, type JsonMap, mapOf, parseExact, printExact, textOf } from './exact-json.ts';

export type KeaDoor =
  /** `/run/kea/kea4-ctrl-socket` */
  | { readonly socket: string }
  | {
      /** `http://127.0.0.1:8000/` */
      readonly url: string;
      /** Basic authentication. */
      readonly user?: string;
      readonly password?: string;
      /** PEM of the roots that are trusted instead of the system's. */
      readonly ca?: string;
    };

export type KeaChannel = {
  /** Where it is, for people. */
  readonly place: string;
  /** The socket is of this machine: so are its files. */
  readonly local: boolean;
  /**
   * The arguments of the answer, a list as `list`; nothing where Kea says that there is nothing (result 3). Rejects with
   * DHCP_SERVER_UNREACHABLE, or DHCP_SERVER_REFUSED with Kea's words (results 1, 2 and 4).
   */
  ask(command: string, args?: JsonMap): Promise<JsonMap>;
  close(): void;
};

export type ChannelOptions = {
  /** Of the server, for errors. */
  readonly name: string;
  /** Milliseconds until an answer has come whole; 30 s. A large configuration takes Kea seconds. */
  readonly timeout?: number;
};

const TIMEOUT_MS = 30_000;
/** A configuration with a hundred thousand reservations has 40 MB. */
const MAX_BYTES = 256 * 1024 * 1024;

/** ARM 17.2: 0 done, 1 error, 2 unknown command, 3 nothing found, 4 conflict. */
const DONE = 0;
const EMPTY = 3;

export function keaChannel(door: KeaDoor, { name, timeout = TIMEOUT_MS }: ChannelOptions): KeaChannel {
  const place = 'socket' in door ? door.socket : door.url;
  const fail = (reason: string, cause?: unknown): ChainbootError =>
    new ChainbootError('DHCP_SERVER_UNREACHABLE', { server: name, reason: `${place}: ${reason}` }, [], cause);
  const wire = 'socket' in door ? overSocket(door.socket, timeout) : overHttp(door, timeout);
  return {
    place,
    local: 'socket' in door,
    ask: async (command, args) => {
      const text = await wire
        .send(printExact({ command, service: ['dhcp4'], ...(args && { arguments: args }) }))
        .catch((error: unknown) => {
          throw fail(reasonOf(error), error);
        });
      if (text.status === 401 || text.status === 403)
        throw new ChainbootError('DHCP_SERVER_REFUSED', {
          server: name,
          what: command,
          reason: `${place} wants another user or password (${text.status})`,
        });
      return understood(text.text, command, name, fail);
    },
    close: wire.close,
  };
}

type Answered = { readonly text: string; readonly status?: number };
type Sender = { readonly send: (body: string) => Promise<Answered>; readonly close: () => void };

function understood(
  text: string,
  command: string,
  server: string,
  fail: (reason: string, cause?: unknown) => ChainbootError,
): JsonMap {
  let answer: Json;
  try {
    answer = parseExact(text);
  } catch (error) {
    throw fail(`the answer to ${command} is no JSON, or broke off after ${text.length} bytes`, error);
  }
  // One of a list for each service asked, where an agent is in between.
  const { result, text: words, arguments: args } = mapOf(Array.isArray(answer) ? answer[0] : answer);
  if (result === DONE) return Array.isArray(args) ? { list: args } : mapOf(args);
  if (result === EMPTY) return {};
  if (typeof result !== 'number') throw fail(`the answer to ${command} is none of Kea: ${text.slice(0, 80)}`);
  const reason = textOf(words) || `result ${result}`;
  throw new ChainbootError('DHCP_SERVER_REFUSED', { server, what: command, reason });
}

/** Kea closes when it has answered; it takes an end of ours for a client that has gone. */
function overSocket(path: string, timeout: number): Sender {
  const send = (body: string): Promise<Answered> =>
    new Promise((resolve, reject) => {
      const chunks: Buffer[] = [];
      let size = 0;
      const socket = createConnection({ path, allowHalfOpen: true });
      const end = (error?: Error) => {
        clearTimeout(timer);
        socket.destroy();
        if (error !== undefined) reject(error);
        else resolve({ text: Buffer.concat(chunks).toString('utf8') });
      };
      const timer = setTimeout(() => end(new Error(`no answer within ${timeout / 1000} s`)), timeout);
      socket.on('connect', () => socket.write(body));
      socket.on('data', (chunk: Buffer) => {
        size += chunk.length;
        if (size > MAX_BYTES) end(new Error('the answer is too long'));
        else chunks.push(chunk);
      });
      socket.on('error', end);
      socket.on('end', () => end());
    });
  return { send, close: () => {} };
}

type HttpDoor = Extract<KeaDoor, { readonly url: string }>;

function overHttp({ url, user, password, ca }: HttpDoor, timeout: number): Sender {
  const secure = url.startsWith('https:');
  const agent = secure
    ? new Agent({ keepAlive: true, ...(ca && { ca }) })
    : new PlainAgent({ keepAlive: true });
  const login = user === undefined ? undefined : Buffer.from(`${user}:${password ?? ''}`).toString('base64');
  const headers = {
    'Content-Type': 'application/json',
    ...(login !== undefined && { Authorization: `Basic ${login}` }),
  };
  const send = async (body: string): Promise<Answered> => {
    const request = { method: 'POST', headers, body, timeout, limit: MAX_BYTES, agent };
    const { status, text }: HttpResponse = await httpRequest(new URL(url), request);
    if (status >= 500) throw new Error(`HTTP status ${status}`);
    return { text, status };
  };
  return { send, close: () => agent.destroy() };
}
