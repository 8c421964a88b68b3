/** Turns an Answer into bytes on the wire and tells its handler how that ended. */

import type { OutgoingHttpHeaders } from 'node:http';
import { extname } from 'node:path';
import { ChainbootError, reasonOf } from '../errors.ts';
import type { Answer } from './answer.ts';
import { asChainbootError, errorAnswer } from './errors.ts';
import type { Exchange } from './exchange.ts';
import type { FileCache, Held } from './file-cache.ts';
import { diskIo, type FileIo, type FileState } from './file-io.ts';
import { streamFile } from './file-stream.ts';
import { Pacer } from './pacer.ts';
import { etagOf, negotiate } from './range.ts';
import type { BootRequest } from './request.ts';

export type SendDeps = {
  readonly cache: FileCache;
  readonly log: { readonly error: (fields: object, message: string) => void };
  readonly now: () => number;
  readonly io?: FileIo;
};

/** Sends the whole answer or breaks the connection. Never rejects. */
export type Sender = (request: BootRequest, answer: Answer, exchange: Exchange) => Promise<void>;

type FileAnswer = Extract<Answer, { kind: 'file' }>;
type Head = { readonly status: number; readonly headers: OutgoingHttpHeaders; readonly size: number };

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
 * iPXE waits on a 204 until the connection closes and follows a redirect loop for ever, thousands of times a
 * second (seen with 1.0.0 and 2.0.0), so no handler may answer with either.
 */
function forbidden(answer: Answer): boolean {
  return 'status' in answer && (answer.status === 204 || (answer.status >= 300 && answer.status < 400));
}

function fileHead(request: BootRequest, answer: FileAnswer, state: FileState, now: number) {
  const modified = Number(state.changed / 1_000_000n);
  const etag = etagOf(state.inode, BigInt(state.size), state.changed);
  const outcome = negotiate(
    request.headers,
    { etag, modified, size: state.size },
    // iPXE keeps no copy that a 304 could refer to.
    { head: request.method === 'HEAD', conditional: request.agent !== 'ipxe', now },
  );
  const validators = {
    ETag: etag,
    'Last-Modified': new Date(modified).toUTCString(),
    'Accept-Ranges': 'bytes',
  };
  return { outcome, validators, type: answer.type ?? typeOf(answer.name) };
}

export function sender(deps: SendDeps): Sender {
  const io = deps.io ?? diskIo;
  const pacer = new Pacer();

  function begin(request: BootRequest, answer: Answer, exchange: Exchange, head: Head): void {
    exchange.begin(head.status, {
      'X-Request-Id': request.id,
      ...head.headers,
      ...answer.headers,
      'Content-Length': head.size,
    });
  }

  async function sendWhole(
    request: BootRequest,
    answer: Exclude<Answer, FileAnswer>,
    exchange: Exchange,
  ): Promise<void> {
    const body = answer.kind === 'empty' ? '' : answer.kind === 'text' ? answer.text : answer.bytes;
    const type = answer.kind === 'text' ? (answer.type ?? 'text/plain; charset=utf-8') : undefined;
    const headers = {
      ...(answer.kind === 'empty' ? {} : { 'Content-Type': answer.kind === 'bytes' ? answer.type : type }),
      'Cache-Control': 'no-store',
    };
    begin(request, answer, exchange, { status: answer.status, headers, size: Buffer.byteLength(body) });
    await exchange.end(request.method === 'HEAD' ? '' : body);
  }

  /** The source is opened before the head is sent, so that a file that cannot be read still gets its error. */
  async function sendFile(request: BootRequest, answer: FileAnswer, exchange: Exchange): Promise<void> {
    const state = await io.state(answer.path, answer.name);
    const { outcome, validators, type } = fileHead(request, answer, state, deps.now());
    if (outcome.status === 416) {
      const values = { range: outcome.range, name: answer.name, size: state.size };
      const refused = errorAnswer(request, new ChainbootError('RANGE_NOT_SATISFIABLE', values), false);
      const headers = { ...refused.headers, 'Content-Range': `bytes */${state.size}` };
      return send(request, { ...refused, headers }, exchange);
    }
    if (!('length' in outcome)) {
      // A 304 has no body; a length would be that of the body a 200 had (RFC 9110 §8.6).
      const length = outcome.status === 304 ? {} : { 'Content-Length': 0 };
      exchange.begin(outcome.status, { 'X-Request-Id': request.id, ...validators, ...length });
      return exchange.end();
    }
    const { start, length } = outcome;
    const headers: OutgoingHttpHeaders = { ...validators, 'Content-Type': type };
    if (outcome.status === 206) {
      headers['Content-Range'] = `bytes ${start}-${start + length - 1}/${state.size}`;
    }
    const head: Head = { status: outcome.status, headers, size: length };
    if (request.method === 'HEAD' || length === 0) {
      begin(request, answer, exchange, head);
      return exchange.end();
    }
    await pacer.during(async () => {
      const source =
        deps.cache.hold(state) ?? (await streamFile(io, state, answer.name, pacer.share(), start + length));
      try {
        await pump(source, start, length, exchange, () => begin(request, answer, exchange, head));
      } finally {
        source.release();
      }
    });
  }

  async function pump(source: Held, start: number, length: number, exchange: Exchange, onFirst: () => void) {
    for (let at = start, end = start + length; at < end && !exchange.gone; ) {
      const piece = await source.piece(at, Math.min(end - at, pacer.share()));
      if (at === start) onFirst();
      at += piece.length;
      if (at === end) await exchange.end(piece);
      else await exchange.write(piece);
      await pacer.yield();
    }
  }

  function send(request: BootRequest, answer: Answer, exchange: Exchange): Promise<void> {
    return answer.kind === 'file'
      ? sendFile(request, answer, exchange)
      : sendWhole(request, answer, exchange);
  }

  /** Answers with the error that kept the answer from being sent, if there was one. */
  async function sendOrExplain(
    request: BootRequest,
    answer: Answer,
    exchange: Exchange,
  ): Promise<ChainbootError | undefined> {
    try {
      if (forbidden(answer)) throw new Error('a boot client must not be given a 204 or a redirect');
      await send(request, answer, exchange);
      return undefined;
    } catch (thrown) {
      const error = asChainbootError(thrown);
      if (error.code !== 'FILE_NOT_FOUND') {
        deps.log.error({ request: request.id, path: request.path, code: error.code }, error.message);
      }
      if (exchange.response.headersSent) exchange.abort();
      else await send(request, errorAnswer(request, error, false), exchange);
      return error;
    }
  }

  return async (request, answer, exchange) => {
    const error = await sendOrExplain(request, answer, exchange);
    try {
      answer.onFinished?.({
        status: exchange.response.statusCode,
        bytes: exchange.sent,
        size: request.method === 'HEAD' ? 0 : exchange.promised,
        took: deps.now() - exchange.started,
        aborted: !exchange.finished,
        ...(error && { error }),
      });
    } catch (fault) {
      deps.log.error({ request: request.id, err: fault }, `recording a request failed: ${reasonOf(fault)}`);
    }
  };
}
