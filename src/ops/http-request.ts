/** One request to another server, and its whole answer. */

import { type Agent as PlainAgent, request as plainRequest } from 'node:http';
import { type Agent, request } from 'node:https';

export type HttpRequest = {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Milliseconds without anything coming. */
  readonly timeout: number;
  /** Longest answer that is read, bytes. */
  readonly limit: number;
  /** With the connections, and what they trust. */
  readonly agent?: Agent | PlainAgent;
};

export type HttpResponse = {
  readonly status: number;
  readonly text: string;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
};

/** Rejects with what the network or TLS says. */
export function httpRequest(
  url: URL,
  { method = 'GET', headers = {}, body, timeout, limit, agent }: HttpRequest,
): Promise<HttpResponse> {
  const open = url.protocol === 'https:' ? request : plainRequest;
  const length = body === undefined ? {} : { 'Content-Length': String(Buffer.byteLength(body)) };
  return new Promise((resolve, reject) => {
    const options = { method, headers: { ...headers, ...length }, timeout, ...(agent && { agent }) };
    const call = open(url, options, (response) => {
      const chunks: Buffer[] = [];
      let size = 0;
      response.on('data', (chunk: Buffer) => {
        size += chunk.length;
        if (size > limit) response.destroy(new Error('the answer is too long'));
        else chunks.push(chunk);
      });
      response.on('error', reject);
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString('utf8');
        resolve({ status: response.statusCode ?? 0, text, headers: response.headers });
      });
    });
    call.on('timeout', () => call.destroy(new Error('no answer came in time')));
    call.on('error', reject);
    call.end(body);
  });
}
