/** One request over HTTP or HTTPS, with a root to trust. */

import { type IncomingHttpHeaders, request as plain } from 'node:http';
import { request as secure } from 'node:https';

export type Asked = {
  readonly url: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Login and password. */
  readonly user?: readonly [login: string, password: string];
  /** Sent as JSON. */
  readonly body?: unknown;
  readonly text?: string;
  /** PEM. */
  readonly ca?: string;
};

export type Told = { readonly status: number; readonly headers: IncomingHttpHeaders; readonly text: string };

const TIMEOUT_MS = 60_000;

export function ask({ url, method = 'GET', headers, user, body, text, ca }: Asked): Promise<Told> {
  const payload = body === undefined ? text : JSON.stringify(body);
  return new Promise((resolve, reject) => {
    const options = {
      method,
      headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
      ...(user !== undefined && { auth: user.join(':') }),
      ...(ca !== undefined && { ca }),
      agent: false,
      timeout: TIMEOUT_MS,
    } as const;
    const request = (url.startsWith('https:') ? secure : plain)(url, options, (response) => {
      const pieces: Buffer[] = [];
      response.on('data', (piece: Buffer) => pieces.push(piece));
      response.once('error', reject);
      response.once('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          text: Buffer.concat(pieces).toString(),
        }),
      );
    });
    request.once('timeout', () => request.destroy(new Error(`${url} does not answer`)));
    request.once('error', reject);
    request.end(payload);
  });
}
