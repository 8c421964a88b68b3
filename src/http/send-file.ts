/** Sends a file, or the part of it that was asked for, from the cache or straight from the disk. */

import type { OutgoingHttpHeaders } from 'node:http';
import { extname } from 'node:path';
import { ChainbootError } from '../errors.ts';
import type { Answer } from './answer.ts';
import type { Exchange } from './exchange.ts';
import type { FileCache, Held } from './file-cache.ts';
import { diskIo, type FileState } from './file-io.ts';
import { streamFile } from './file-stream.ts';
import type { Pacer } from './pacer.ts';
import { etagOf, negotiate } from './range.ts';
import type { BootRequest } from './request.ts';

export type FileAnswer = Extract<Answer, { kind: 'file' }>;

export type FileSending = { readonly cache: FileCache; readonly pacer: Pacer; readonly now: () => number };

type Part = { readonly start: number; readonly length: number };

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
  const state = await diskIo.state(answer.path, answer.name);
  const modified = Number(state.changed / 1_000_000n);
  const etag = etagOf(state.inode, BigInt(state.size), state.changed);
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
  if (!('length' in outcome)) {
    // A 304 has no body; a length would be that of the body a 200 had (RFC 9110 §8.6).
    exchange.begin(outcome.status, outcome.status === 304 ? headers : { ...headers, 'Content-Length': 0 });
    return exchange.end();
  }
  const { status, start, length } = outcome;
  headers['Content-Type'] = answer.type ?? typeOf(answer.name);
  headers['Content-Length'] = length;
  if (status === 206) headers['Content-Range'] = `bytes ${start}-${start + length - 1}/${state.size}`;
  const begin = () => exchange.begin(status, headers);
  if (request.method === 'HEAD' || length === 0) {
    begin();
    return exchange.end();
  }
  await sending.pacer.during(() => sendBody(sending, state, answer.name, { start, length }, exchange, begin));
}

/** `begin` sends the head once the first bytes are there, so that a file that cannot be read gets its error. */
async function sendBody(
  { cache, pacer }: FileSending,
  state: FileState,
  name: string,
  { start, length }: Part,
  exchange: Exchange,
  begin: () => void,
): Promise<void> {
  const end = start + length;
  const source: Held = cache.hold(state) ?? (await streamFile(diskIo, state, name, pacer.share(), end));
  try {
    for (let at = start; at < end && !exchange.gone; ) {
      const piece = await source.piece(at, Math.min(end - at, pacer.share()));
      if (at === start) begin();
      at += piece.length;
      await (at === end ? exchange.end(piece) : exchange.write(piece));
      await pacer.yield();
    }
  } finally {
    source.release();
  }
}
