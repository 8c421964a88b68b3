/** Where the cache of a proxy fetches from: over HTTP, from a byte on, as long as it is still the same file. */

import { type IncomingMessage, type Agent as PlainAgent, request as plainRequest } from 'node:http';
import { type Agent, request as secureRequest } from 'node:https';

/** What is known of a file before its bytes. */
export type OriginFile = {
  /** Bytes. */
  readonly size: number;
  /** Two of the same are the same bytes; made of date and size where the server has none. */
  readonly tag: string;
};

export type OriginBody = OriginFile & {
  readonly bytes: AsyncIterable<Uint8Array>;
  /** No more of it is wanted. */
  readonly cancel: () => void;
};

export type Origin = {
  /** Undefined where it is not there any more. Rejects when nobody answers. */
  state(key: string): Promise<OriginFile | undefined>;
  /** From byte `from` to the end. Undefined where it is not there any more, or is another file than `tag`. */
  open(key: string, from: number, tag?: string): Promise<OriginBody | undefined>;
  /** SHA-256 of the whole, hex; undefined where nobody can tell. */
  digest(key: string, file: OriginFile): Promise<string | undefined>;
};

export type Source = { readonly url: URL; readonly agent?: Agent | PlainAgent };

/** Without anything coming. */
const SILENCE_MS = 20_000;
const MOST_REDIRECTS = 5;

/** A HEAD: what the file is now. Rejects with what the network says, or with a status that is no answer. */
export async function stateOf(source: Source): Promise<OriginFile | undefined> {
  const response = await ask(source, 'HEAD', {}, MOST_REDIRECTS);
  response.destroy();
  if (isGone(response)) return undefined;
  return fileOf(response, 0);
}

/** The body from a byte on; a server that knows no ranges is read from the beginning, and what comes first is left out. */
export async function bodyFrom(source: Source, from: number, tag?: string): Promise<OriginBody | undefined> {
  const headers: Record<string, string> = from === 0 ? {} : { Range: `bytes=${from}-` };
  const response = await ask(source, 'GET', headers, MOST_REDIRECTS);
  const end = () => response.destroy();
  if (isGone(response)) {
    end();
    return undefined;
  }
  const skipped = response.statusCode === 206 ? from : 0;
  const file = fileOf(response, skipped);
  if (tag !== undefined && tag !== file.tag) {
    end();
    return undefined;
  }
  return { ...file, bytes: after(response, from - skipped), cancel: end };
}

function isGone({ statusCode }: IncomingMessage): boolean {
  return statusCode === 404 || statusCode === 410;
}

function fileOf({ headers }: IncomingMessage, from: number): OriginFile {
  const length = Number(headers['content-length'] ?? Number.NaN);
  if (!Number.isSafeInteger(length)) throw new Error('the server does not say how long it is');
  const size = from + length;
  return { size, tag: headers.etag ?? `${headers['last-modified'] ?? ''} ${size}` };
}

/** Leaves out what was there already. A connection that ends early makes the iteration throw. */
async function* after(response: IncomingMessage, skip: number): AsyncIterable<Uint8Array> {
  let left = skip;
  for await (const piece of response as AsyncIterable<Buffer>) {
    if (left >= piece.length) left -= piece.length;
    else {
      yield left === 0 ? piece : piece.subarray(left);
      left = 0;
    }
  }
}

async function ask(
  { url, agent }: Source,
  method: 'GET' | 'HEAD',
  headers: Readonly<Record<string, string>>,
  redirects: number,
): Promise<IncomingMessage> {
  const response = await opened(url, method, headers, agent);
  const { statusCode: status = 0 } = response;
  if (status === 200 || status === 206 || isGone(response)) return response;
  response.destroy();
  const { location } = response.headers;
  if (status >= 300 && status < 400 && location !== undefined && URL.canParse(location, url.href)) {
    const next = new URL(location, url);
    // What we show of ourselves is for one server alone.
    const same = next.origin === url.origin && agent !== undefined ? { agent } : {};
    if (redirects > 0 && /^https?:$/.test(next.protocol))
      return ask({ url: next, ...same }, method, headers, redirects - 1);
  }
  throw new Error(`${url.origin} answers with ${status}`);
}

function opened(
  url: URL,
  method: string,
  headers: Readonly<Record<string, string>>,
  agent: Source['agent'],
): Promise<IncomingMessage> {
  const open = url.protocol === 'https:' ? secureRequest : plainRequest;
  return new Promise((resolve, reject) => {
    const options = { method, headers, timeout: SILENCE_MS, ...(agent && { agent }) };
    const call = open(url, options, resolve);
    call.on('timeout', () => call.destroy(new Error('nothing came for 20 seconds')));
    call.on('error', reject);
    call.end();
  });
}
