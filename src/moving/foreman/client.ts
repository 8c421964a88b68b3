/** Reads a Foreman over its API v2: one connection pool, patience with a busy server, errors in plain words. */

import { Agent as PlainAgent } from 'node:http';
import { Agent } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import { ChainbootError, reasonOf } from '../../errors.ts';
import { type HttpResponse, httpRequest } from '../../ops/http-request.ts';

export type ForemanOptions = {
  /** `https://foreman.example.com`, with or without a path below which Foreman lies. */
  readonly url: string;
  readonly user: string;
  /** Password or personal access token. */
  readonly password: string;
  /** PEM of the roots that are trusted instead of the system's. */
  readonly ca?: string;
  /** Takes any certificate. */
  readonly insecure?: boolean;
  /** Milliseconds of one request. */
  readonly timeout?: number;
};

export type ForemanClient = {
  /** JSON below `/api`: `/hosts?page=2`. Rejects with FOREMAN_UNREACHABLE or FOREMAN_REFUSED. */
  get(path: string): Promise<unknown>;
  close(): void;
};

/** Requests at the same time: a Foreman of ordinary size has about as many workers. */
export const PARALLEL = 6;
const TRIES = 4;
const PATIENCE_MS = 500;
const TIMEOUT_MS = 120_000;
/** A list of everything; more is no answer of a Foreman. */
const MAX_BYTES = 512 * 1024 * 1024;

export function foremanClient(options: ForemanOptions): ForemanClient {
  const base = baseOf(options.url);
  const secure = base.protocol === 'https:';
  const agent = secure
    ? new Agent({
        keepAlive: true,
        maxSockets: PARALLEL,
        rejectUnauthorized: !options.insecure,
        ...(options.ca !== undefined && { ca: options.ca }),
      })
    : new PlainAgent({ keepAlive: true, maxSockets: PARALLEL });
  const headers = {
    Accept: 'application/json;version=2',
    Authorization: `Basic ${Buffer.from(`${options.user}:${options.password}`).toString('base64')}`,
    'User-Agent': 'chainboot',
  };
  const once = (path: string): Promise<HttpResponse> => {
    const target = new URL(`${base.pathname.replace(/\/$/, '')}/api${path}`, base);
    return httpRequest(target, { agent, headers, timeout: options.timeout ?? TIMEOUT_MS, limit: MAX_BYTES });
  };
  return {
    get: (path) => persistent(() => once(path), options.url, path),
    close: () => agent.destroy(),
  };
}

function baseOf(url: string): URL {
  try {
    const base = new URL(url);
    if (base.protocol === 'https:' || base.protocol === 'http:') return base;
  } catch {
    // Said below.
  }
  throw new ChainbootError('FOREMAN_UNREACHABLE', { url, reason: 'that is not an http(s) URL' });
}

/** Asks again when the network or the server stumbled; what is refused stays so. */
async function persistent(once: () => Promise<HttpResponse>, url: string, path: string): Promise<unknown> {
  for (let tries = 1; ; tries++) {
    const last = tries === TRIES;
    try {
      const response = await once();
      if (response.status < 500 || last) return answer(response, url, path);
    } catch (error) {
      if (error instanceof ChainbootError) throw error;
      if (last || isTrust(error))
        throw new ChainbootError('FOREMAN_UNREACHABLE', { url, reason: reasonOf(error) }, [], error);
    }
    await sleep(PATIENCE_MS * 2 ** (tries - 1));
  }
}

/** A certificate does not become another by asking again. */
function isTrust(error: unknown): boolean {
  return /CERT|SELF_SIGNED|UNABLE_TO_/.test((error as NodeJS.ErrnoException).code ?? '');
}

function answer({ status, text }: HttpResponse, url: string, path: string): unknown {
  if (status !== 200)
    throw new ChainbootError('FOREMAN_REFUSED', { url, path, status, reason: saidBy(text) });
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new ChainbootError('FOREMAN_REFUSED', { url, path, status, reason: 'the answer is not JSON' });
  }
}

/** What Foreman says of itself. */
function saidBy(text: string): string {
  try {
    const { error } = JSON.parse(text) as { readonly error?: { readonly message?: string } | string };
    return (typeof error === 'string' ? error : error?.message) ?? 'it gave no reason';
  } catch {
    return 'it gave no reason';
  }
}
