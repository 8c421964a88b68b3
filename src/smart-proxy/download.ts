/** One file from a web server to the disk: all of it and as it was meant, or not at all. */

import { createHash, type Hash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { type IncomingMessage, request as plainRequest } from 'node:http';
import { request as secureRequest } from 'node:https';
import { rootCertificates } from 'node:tls';
import { ChainbootError } from '../errors.ts';

export type Limits = {
  /** Bytes. */
  readonly most: number;
  readonly signal: AbortSignal;
  /** PEM, beside the usual authorities. */
  readonly ca?: string | undefined;
};

type Headers = Readonly<Record<string, string>>;

export type Fetched = { readonly size: number; readonly modified?: Date };

/** Without anything coming. */
const SILENCE_MS = 60_000;
const MOST_REDIRECTS = 5;

/**
 * Writes the file and syncs it. Rejects with DOWNLOAD_REFUSED where trying again is of no use, else with what the network
 * or the disk says; what was written then stays behind.
 * @returns undefined when it is not newer than `since`
 */
export async function download(
  url: URL,
  path: string,
  since: Date | undefined,
  limits: Limits,
): Promise<Fetched | undefined> {
  const headers: Headers = since === undefined ? {} : { 'If-Modified-Since': since.toUTCString() };
  const answer = await ask(url, headers, limits, MOST_REDIRECTS);
  try {
    if (answer.statusCode === 304) return undefined;
    return await save(url, answer, path, limits);
  } finally {
    answer.destroy();
  }
}

function refused(url: URL, reason: string): ChainbootError {
  return new ChainbootError('DOWNLOAD_REFUSED', { url: url.href, reason });
}

async function ask(url: URL, headers: Headers, limits: Limits, redirects: number): Promise<IncomingMessage> {
  const answer = await opened(url, headers, limits);
  const { statusCode: status = 0 } = answer;
  if (status === 200 || status === 304) return answer;
  answer.destroy();
  if (status >= 300 && status < 400 && answer.headers.location !== undefined) {
    const next = URL.canParse(answer.headers.location, url.href)
      ? new URL(answer.headers.location, url)
      : undefined;
    if (redirects === 0 || next === undefined || !/^https?:$/.test(next.protocol))
      throw refused(url, 'it leads nowhere (redirects)');
    return ask(next, headers, limits, redirects - 1);
  }
  if (status >= 400 && status < 500 && status !== 408 && status !== 429)
    throw refused(url, `the server answers with ${status}`);
  throw new Error(`the server answers with ${status}`);
}

function opened(url: URL, headers: Headers, { signal, ca }: Limits): Promise<IncomingMessage> {
  const trust = ca === undefined ? {} : { ca: [...rootCertificates, ca] };
  const options = { headers, signal, timeout: SILENCE_MS, agent: false };
  return new Promise((resolve, reject) => {
    const call =
      url.protocol === 'https:'
        ? secureRequest(url, { ...options, ...trust }, resolve)
        : plainRequest(url, options, resolve);
    call.on('timeout', () => call.destroy(new Error('nothing came for a minute')));
    call.on('error', reject);
    call.end();
  });
}

async function save(url: URL, answer: IncomingMessage, path: string, { most }: Limits): Promise<Fetched> {
  const promised = answer.headers['content-length'];
  const tooLong = () => refused(url, `it is longer than ${most} bytes (smart_proxy.boot_file_mib)`);
  if (Number(promised ?? 0) > most) throw tooLong();
  const file = await open(path, 'wx', 0o644);
  try {
    const digest = createHash('sha256');
    const size = await copy(answer, file, digest, most, tooLong);
    if (promised !== undefined && size !== Number(promised))
      throw new Error(`${size} bytes came of ${promised}`);
    checkDigest(answer, digest);
    await file.sync();
    const modified = new Date(answer.headers['last-modified'] ?? Number.NaN);
    return { size, ...(!Number.isNaN(modified.getTime()) && { modified }) };
  } finally {
    await file.close();
  }
}

/** A connection that ends early makes the iteration throw. */
async function copy(
  answer: IncomingMessage,
  file: FileHandle,
  digest: Hash,
  most: number,
  tooLong: () => Error,
): Promise<number> {
  let size = 0;
  for await (const piece of answer as AsyncIterable<Buffer>) {
    size += piece.length;
    if (size > most) throw tooLong();
    digest.update(piece);
    await file.writeFile(piece);
  }
  return size;
}

/** RFC 9530 `Repr-Digest: sha-256=:…:`, and `Digest: SHA-256=…` of RFC 3230 before it, where the server says one. */
function checkDigest({ headers }: IncomingMessage, digest: Hash): void {
  const said = [headers['repr-digest'], headers['content-digest'], headers.digest].flat().join(',');
  const wanted = /\bsha-256=:?([A-Za-z0-9+/]{43}=)/i.exec(said)?.[1];
  const found = digest.digest('base64');
  if (wanted !== undefined && wanted !== found)
    throw new Error(`its SHA-256 is ${found}, and the server says ${wanted}`);
}
