/** Sends a file, or the part of it that was asked for, from the cache or straight from the disk. */

import { createHash } from 'node:crypto';
import type { OutgoingHttpHeaders } from 'node:http';
import { extname } from 'node:path';
import type { Growing } from '../boot/files.ts';
import { ChainbootError } from '../errors.ts';
import type { Answer } from './answer.ts';
import type { Exchange } from './exchange.ts';
import type { FileCache, Held } from './file-cache.ts';
import { diskIo, type FileState } from './file-io.ts';
import { streamFile } from './file-stream.ts';
import { growingFile, growingState } from './growing-file.ts';
import { type Body, bodyOf } from './multipart.ts';
import type { Pacer } from './pacer.ts';
import { etagOf, negotiate, type Part } from './range.ts';
import type { BootRequest } from './request.ts';

export type FileAnswer = Extract<Answer, { kind: 'file' }>;

export type FileSending = { readonly cache: FileCache; readonly pacer: Pacer; readonly now: () => number };

/**
 * Longest piece of a TLS connection: all of a write is encrypted at once, into memory of its own and with nothing
 * else running meanwhile, so that a piece as large as plain HTTP's would cost 64 clients 32 MiB and 20 ms.
 */
const SECURE_PIECE = 256 * 1024;

/** UEFI HTTP boot tells a program from a disk image by type, else by extension (EDK2 HttpBootCheckImageType). */
const TYPES: Readonly<Record<string, string>> = {
  '.efi': 'application/efi',
  '.cfg': 'text/plain; charset=utf-8',
  '.ipxe': 'text/plain; charset=utf-8',
  '.txt': 'text/plain; charset=utf-8',
  '.sha256': 'text/plain; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.json': 'application/json',
};

function hashed(tag: string): string {
  return `"${createHash('sha256').update(tag).digest('hex').slice(0, 32)}"`;
}

function typeOf(name: string): string {
  return TYPES[extname(name).toLowerCase()] ?? 'application/octet-stream';
}

/**
 * Rejects, before anything was sent, with FILE_NOT_FOUND, FILE_UNREADABLE, FILE_CHANGED or
 * RANGE_NOT_SATISFIABLE; while the body is on its way, with FILE_CHANGED or FILE_UNREADABLE.
 */
export async function sendFile(
  sending: FileSending,
  request: BootRequest,
  answer: FileAnswer,
  exchange: Exchange,
): Promise<void> {
  const { growing, tag } = answer;
  const state =
    growing === undefined
      ? await diskIo.state(answer.path, answer.name)
      : growingState(answer.path, growing, sending.now());
  const modified = Number(state.changed / 1_000_000n);
  const etag = tag === undefined ? etagOf(state.inode, BigInt(state.size), state.changed) : hashed(tag);
  const outcome = negotiate(
    request.headers,
    { etag, modified, size: state.size },
    // iPXE keeps no copy that a 304 could refer to.
    { head: request.method === 'HEAD', conditional: request.agent !== 'ipxe', now: sending.now() },
  );
  if (outcome.status === 416) {
    const values = { range: outcome.range, name: answer.name, size: state.size };
    throw new ChainbootError('RANGE_NOT_SATISFIABLE', values);
  }
  const headers: OutgoingHttpHeaders = {
    'X-Request-Id': request.id,
    ETag: etag,
    'Last-Modified': new Date(modified).toUTCString(),
    'Accept-Ranges': 'bytes',
    ...answer.headers,
  };
  if (outcome.status === 304 || outcome.status === 412) {
    // A 304 has no body; a length would be that of the body a 200 had (RFC 9110 §8.6).
    exchange.begin(outcome.status, outcome.status === 304 ? headers : { ...headers, 'Content-Length': 0 });
    return exchange.end();
  }
  const type = answer.type ?? typeOf(answer.name);
  const body = bodyOf(outcome, { size: state.size, type });
  const begin = () => exchange.begin(outcome.status, { ...headers, ...body.headers });
  if (request.method === 'HEAD' || state.size === 0) {
    begin();
    return exchange.end();
  }
  const most = request.remote.secure ? SECURE_PIECE : Number.POSITIVE_INFINITY;
  const sizes = () => Math.min(most, sending.pacer.share());
  const file = { state, name: answer.name, growing };
  await sending.pacer.during(() => sendBody(sending, file, body, { exchange, begin, sizes }));
}

type Served = {
  readonly state: FileState;
  readonly name: string;
  readonly growing: Growing | undefined;
};
type Outlet = {
  readonly exchange: Exchange;
  /** Sends the head, once the first bytes are there, so that a file that cannot be read gets its error. */
  readonly begin: () => void;
  /** Bytes of the next piece at most. */
  readonly sizes: () => number;
};

async function sendBody(sending: FileSending, file: Served, body: Body, outlet: Outlet): Promise<void> {
  const { exchange } = outlet;
  for (const [index, { before, part }] of body.sections.entries()) {
    const start = async () => {
      if (index === 0) outlet.begin();
      if (before !== '') await exchange.write(Buffer.from(before));
    };
    const isLast = index === body.sections.length - 1 && body.after === '';
    await sendPart(sending, file, part, { ...outlet, start, isLast });
    if (exchange.gone) return;
  }
  if (body.after !== '') await exchange.end(body.after);
}

async function sendPart(
  { cache, pacer }: FileSending,
  { state, name, growing }: Served,
  { start: from, length }: Part,
  { exchange, sizes, start, isLast }: Outlet & { start: () => Promise<void>; isLast: boolean },
): Promise<void> {
  const end = from + length;
  const source: Held =
    growing === undefined
      ? (cache.hold(state) ?? (await streamFile(diskIo, state, name, sizes(), end)))
      : await growingFile(diskIo, state.path, name, growing);
  try {
    for (let at = from; at < end && !exchange.gone; ) {
      const piece = await source.piece(at, Math.min(end - at, sizes()));
      if (at === from) await start();
      at += piece.length;
      await (at === end && isLast ? exchange.end(piece) : exchange.write(piece));
      await pacer.yield();
    }
  } finally {
    source.release();
  }
}
