/** Whether a web server has a file, asked without fetching it. */

import { reasonOf } from '../errors.ts';

export type Reach =
  | { readonly kind: 'there' }
  /** The server says that it has no such file. */
  | { readonly kind: 'missing' }
  | { readonly kind: 'unreachable'; readonly reason: string };

/** Servers that know no HEAD say so by one of these; some object storage answers 403 to it. */
const NO_HEAD = new Set([403, 405, 501]);

/** Never rejects; takes `timeoutMs` at most. */
export async function reach(url: string, timeoutMs: number): Promise<Reach> {
  const signal = AbortSignal.timeout(timeoutMs);
  try {
    const status = await ask(url, 'HEAD', signal);
    return judged(NO_HEAD.has(status) ? await ask(url, 'GET', signal) : status);
  } catch (error) {
    return { kind: 'unreachable', reason: networkReason(error, timeoutMs) };
  }
}

async function ask(url: string, method: 'HEAD' | 'GET', signal: AbortSignal): Promise<number> {
  const headers = { 'accept-encoding': 'identity', ...(method === 'GET' && { range: 'bytes=0-0' }) };
  const response = await fetch(url, { method, signal, headers });
  // Servers that know no ranges begin to send the whole file.
  await response.body?.cancel();
  return response.status;
}

function judged(status: number): Reach {
  // An empty file has no first byte.
  if ((status >= 200 && status < 300) || status === 416) return { kind: 'there' };
  if (status === 404 || status === 410) return { kind: 'missing' };
  return { kind: 'unreachable', reason: `it answers ${status}` };
}

/** Node puts what happened into the cause of a `fetch failed`. */
function networkReason(error: unknown, timeoutMs: number): string {
  if (error instanceof Error && error.name === 'TimeoutError') return `no answer in ${timeoutMs / 1000} s`;
  return error instanceof Error && error.cause !== undefined ? reasonOf(error.cause) : reasonOf(error);
}
