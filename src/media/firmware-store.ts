/** Loaders that a site fetched for itself: each under a name of its own, whole and verified or not at all. */

import { createHash, randomUUID } from 'node:crypto';
import { createReadStream, readFileSync } from 'node:fs';
import { mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { ChainbootError, reasonOf } from '../errors.ts';

export type Origin = {
  readonly url: string;
  readonly sha256: string /** ISO 8601 */;
  readonly fetched: string;
};

export type Fetch = {
  readonly store: string;
  readonly url: string;
  /** Lower case. */
  readonly sha256: string;
  readonly name: string;
  /** Replaces another content under the same name. */
  readonly force: boolean;
  readonly now: number;
  readonly onProgress?: (done: number, of: number) => void;
};

const MAX_BYTES = 256 * 1024 * 1024;
/** Nothing moved for this long. */
const IDLE_MS = 30_000;
/** Lies beside what it is about; no loader is called so. */
const ORIGIN = '.origin.json';

/** A name below the store: letters, digits and `._+-`, with one directory at most. */
export function isFirmwareName(name: string): boolean {
  return /^(?:[\w+-][\w.+-]*\/)?[\w+-][\w.+-]*$/.test(name) && !name.endsWith(ORIGIN);
}

/** What lies in the store besides loaders: half a download, or where a loader came from. Not for machines. */
export function isPrivate(name: string): boolean {
  return name.endsWith(ORIGIN) || name.split('/').some((part) => part.startsWith('.'));
}

export function originOf(store: string, name: string): Origin | undefined {
  try {
    return JSON.parse(readFileSync(join(store, name + ORIGIN), 'utf8')) as Origin;
  } catch {
    return undefined;
  }
}

/**
 * @throws ChainbootError FIRMWARE_NAME, FIRMWARE_EXISTS, FIRMWARE_UNREACHABLE, FIRMWARE_TOO_LARGE, FIRMWARE_MISMATCH;
 *   nothing is left behind then
 */
export async function fetchFirmware(
  wanted: Fetch,
): Promise<{ readonly path: string; readonly size: number }> {
  const { store, name, sha256, url } = wanted;
  if (!isFirmwareName(name)) throw new ChainbootError('FIRMWARE_NAME', { name });
  const path = join(store, name);
  await refuseOther(path, wanted);
  await mkdir(dirname(path), { recursive: true });
  const partial = join(dirname(path), `.${randomUUID()}.part`);
  try {
    const { size, sum } = await download(wanted, partial);
    if (sum !== sha256) throw new ChainbootError('FIRMWARE_MISMATCH', { url, wanted: sha256, found: sum });
    const origin: Origin = { url, sha256, fetched: new Date(wanted.now).toISOString() };
    await writeWhole(`${partial}.json`, JSON.stringify(origin));
    await rename(partial, path);
    await rename(`${partial}.json`, path + ORIGIN);
    return { path, size };
  } finally {
    await Promise.all([rm(partial, { force: true }), rm(`${partial}.json`, { force: true })]);
  }
}

/** @throws ChainbootError NOT_FOUND */
export async function removeFirmware(store: string, name: string): Promise<void> {
  const path = join(store, name);
  const isThere = isFirmwareName(name) && (await stat(path).catch(() => undefined))?.isFile();
  if (!isThere) throw new ChainbootError('NOT_FOUND', { kind: 'fetched loader', name });
  await rm(path);
  await rm(path + ORIGIN, { force: true });
}

async function refuseOther(path: string, { name, sha256, force }: Fetch): Promise<void> {
  const present = await readFile(path).catch(() => undefined);
  if (present === undefined || force) return;
  if (createHash('sha256').update(present).digest('hex') !== sha256)
    throw new ChainbootError('FIRMWARE_EXISTS', { name });
}

async function download({ url, onProgress }: Fetch, partial: string): Promise<{ size: number; sum: string }> {
  const idle = new AbortController();
  let timer = setTimeout(() => idle.abort(), IDLE_MS);
  const file = await open(partial, 'wx', 0o644);
  const hash = createHash('sha256');
  let size = 0;
  try {
    const { body, length } = await sourceOf(url, idle.signal);
    for await (const chunk of body) {
      clearTimeout(timer);
      timer = setTimeout(() => idle.abort(), IDLE_MS);
      size += chunk.length;
      if (size > MAX_BYTES) throw new ChainbootError('FIRMWARE_TOO_LARGE', { url, limit: MAX_BYTES });
      hash.update(chunk);
      // Not `write`, which may write less than it is given.
      await file.appendFile(chunk);
      onProgress?.(size, length ?? size);
    }
    if (length !== undefined && size !== length) {
      const reason = `it ended after ${size} of ${length} bytes`;
      throw new ChainbootError('FIRMWARE_UNREACHABLE', { url, reason });
    }
    await file.sync();
    return { size, sum: hash.digest('hex') };
  } catch (error) {
    if (error instanceof ChainbootError) throw error;
    const reason = idle.signal.aborted ? `nothing came for ${IDLE_MS / 1000} s` : causeOf(error);
    throw new ChainbootError('FIRMWARE_UNREACHABLE', { url, reason });
  } finally {
    clearTimeout(timer);
    await file.close();
  }
}

type Source = { readonly body: AsyncIterable<Uint8Array>; readonly length?: number };

async function sourceOf(url: string, signal: AbortSignal): Promise<Source> {
  if (url.startsWith('file:')) return { body: createReadStream(fileURLToPath(url), { signal }) };
  if (!/^https?:/.test(url))
    throw new ChainbootError('FIRMWARE_UNREACHABLE', { url, reason: 'not a URL of http, https or file' });
  // Bytes as they are: what is compressed on the way would have another length.
  const response = await fetch(url, { signal, headers: { 'accept-encoding': 'identity' } });
  if (!response.ok || response.body === null)
    throw new ChainbootError('FIRMWARE_UNREACHABLE', {
      url,
      reason: `the server answered ${response.status}`,
    });
  const said = response.headers.get('content-length');
  return {
    body: Readable.fromWeb(response.body as Parameters<typeof Readable.fromWeb>[0]),
    ...(said !== null && { length: Number(said) }),
  };
}

/** undici says "fetch failed" and keeps the reason in the cause. */
function causeOf(error: unknown): string {
  return reasonOf(error instanceof Error && error.cause !== undefined ? error.cause : error);
}

async function writeWhole(path: string, text: string): Promise<void> {
  const file = await open(path, 'wx', 0o644);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}
