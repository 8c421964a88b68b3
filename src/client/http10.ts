/** HTTP/1.0 as lpxelinux.0 speaks it: one connection for each file, the body ends with it. */

import { createHash } from 'node:crypto';
import { connect } from 'node:net';
import { REHEARSAL_MARK } from '../boot/rehearsal.ts';
import type { Tell } from './events.ts';
import { BootFailure } from './failure.ts';
import { type Fetched, Kept } from './fetched.ts';

export type Http10Options = {
  readonly userAgent: string;
  readonly localAddress?: string;
  /** Of a rehearsal, where the target is the server that made it. */
  readonly mark?: (target: URL) => string | undefined;
  readonly tell: Tell;
  readonly signal: AbortSignal;
};

const MAX_HEAD = 16 * 1024;

/** Rejects with a BootFailure unless the answer is a complete 200, or with the signal's reason. */
export async function fetchHttp10(url: string, keep: number, options: Http10Options): Promise<Fetched> {
  const { tell, signal } = options;
  const started = performance.now();
  try {
    const { status, ...file } = await exchange(new URL(url), keep, options);
    if (status !== 200) throw new BootFailure('http-status', `HTTP ${status}`);
    const took = Math.round((performance.now() - started) * 10) / 10;
    tell({ kind: 'http.file', text: `GET ${url}: 200, ${file.bytes} bytes`, url, bytes: file.bytes, took });
    return { ...file, url };
  } catch (error) {
    signal.throwIfAborted();
    const code = error instanceof BootFailure ? error.code : 'http-broken';
    const text = `${url}: ${error instanceof Error ? error.message : String(error)}`;
    tell({ kind: 'http.error', text, url });
    throw new BootFailure(code, text, error);
  }
}

type Received = Omit<Fetched, 'url'> & { readonly status: number };

async function exchange(target: URL, keep: number, options: Http10Options): Promise<Received> {
  const socket = connect({
    host: target.hostname,
    port: target.port === '' ? 80 : Number(target.port),
    localAddress: options.localAddress,
    signal: options.signal,
  });
  const mark = options.mark?.(target);
  socket.write(
    `GET ${target.pathname}${target.search} HTTP/1.0\r\nHost: ${target.host}\r\n` +
      `User-Agent: ${options.userAgent}\r\n${mark === undefined ? '' : `${REHEARSAL_MARK}: ${mark}\r\n`}Connection: close\r\n\r\n`,
  );
  const body = new Body(keep);
  let head = Buffer.alloc(0);
  let told: Head | undefined;
  try {
    for await (const chunk of socket as AsyncIterable<Buffer>) {
      if (told !== undefined) {
        body.add(chunk);
        continue;
      }
      head = Buffer.concat([head, chunk]);
      const end = head.indexOf('\r\n\r\n');
      if (end < 0 && head.length > MAX_HEAD) throw new BootFailure('http-broken', 'its head never ends');
      if (end < 0) continue;
      told = readHead(head.toString('latin1', 0, end));
      body.add(head.subarray(end + 4));
    }
  } finally {
    socket.destroy();
  }
  if (told === undefined) throw new BootFailure('http-broken', 'the connection closed before an answer');
  if (told.length !== undefined && told.length !== body.bytes)
    throw new BootFailure('http-broken', `${body.bytes} of ${told.length} bytes came`);
  return { status: told.status, ...body.end() };
}

type Head = { readonly status: number; readonly length?: number };

/** What comes back to 1.0 may not be chunked (RFC 9112 §6.1). */
function readHead(text: string): Head {
  const status = /^HTTP\/1\.[01] (\d{3})/.exec(text)?.[1];
  if (status === undefined) throw new BootFailure('http-broken', 'the answer is no HTTP');
  if (/\r\ntransfer-encoding:/i.test(text)) throw new BootFailure('http-broken', 'the answer is chunked');
  const length = /\r\ncontent-length: *(\d+)/i.exec(text)?.[1];
  return { status: Number(status), ...(length !== undefined && { length: Number(length) }) };
}

/** Counts and hashes a body of any size while keeping only its start. */
class Body {
  bytes = 0;
  private readonly hash = createHash('sha256');
  private readonly kept: Kept;

  constructor(keep: number) {
    this.kept = new Kept(keep);
  }

  add(chunk: Uint8Array): void {
    this.hash.update(chunk);
    this.kept.add(chunk);
    this.bytes += chunk.length;
  }

  end(): Omit<Received, 'status'> {
    return { bytes: this.bytes, sha256: this.hash.digest('hex'), head: this.kept.bytes() };
  }
}
