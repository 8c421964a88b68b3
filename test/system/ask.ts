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
  /** What the client shows of itself, PEM. */
  readonly cert?: string;
  readonly key?: string;
  /** Address it asks from. */
  readonly from?: string;
};

export type Told = { readonly status: number; readonly headers: IncomingHttpHeaders; readonly text: string };

const TIMEOUT_MS = 60_000;

export function ask(asked: Asked): Promise<Told> {
  const { url, method = 'GET', headers, user, body, text, ca, cert, key, from } = asked;
  const payload = body === undefined ? text : JSON.stringify(body);
  return new Promise((resolve, reject) => {
    const options = {
      method,
      headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
      ...(user !== undefined && { auth: user.join(':') }),
      ...(ca !== undefined && { ca }),
      ...(cert !== undefined && { cert }),
      ...(key !== undefined && { key }),
      ...(from !== undefined && { localAddress: from }),
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
