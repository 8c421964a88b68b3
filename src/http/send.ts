/** Turns an Answer into bytes on the wire and tells its handler how that ended. */

import type { Log } from '../boot/log.ts';
import { ChainbootError, reasonOf } from '../errors.ts';
import type { Answer } from './answer.ts';
import { asChainbootError, errorAnswer } from './errors.ts';
import type { Exchange } from './exchange.ts';
import type { FileCache } from './file-cache.ts';
import { bodyOf as bodyAround } from './multipart.ts';
import { Pacer } from './pacer.ts';
import { parseRanges } from './range.ts';
import type { BootRequest } from './request.ts';
import { type FileAnswer, type FileSending, sendFile } from './send-file.ts';

export type SendDeps = {
  readonly cache: FileCache;
  readonly log: Log;
  readonly now: () => number;
};

/** Sends the whole answer or breaks the connection. Never rejects. */
export type Sender = (request: BootRequest, answer: Answer, exchange: Exchange) => Promise<void>;

type WholeAnswer = Exclude<Answer, FileAnswer>;

/**
 * iPXE waits on a 204 until the connection closes and follows a redirect loop for ever, thousands of times a
 * second (seen with 1.0.0 and 2.0.0), so no handler may answer with either.
 */
function refuseTraps(answer: Answer): void {
  if (answer.kind === 'file') return;
  if (answer.status === 204 || (answer.status >= 300 && answer.status < 400)) {
    throw new ChainbootError('INTERNAL', { reason: `a handler answered with status ${answer.status}` });
  }
}

function bodyOf(answer: WholeAnswer): { readonly body: string | Uint8Array; readonly type?: string } {
  if (answer.kind === 'empty') return { body: '' };
  if (answer.kind === 'bytes') return { body: answer.bytes, type: answer.type };
  return { body: answer.text, type: answer.type ?? 'text/plain; charset=utf-8' };
}

async function sendWhole(request: BootRequest, answer: WholeAnswer, exchange: Exchange): Promise<void> {
  const { body, type } = bodyOf(answer);
  const part = type === undefined ? undefined : partOf(request, answer, body, type);
  exchange.begin(part === undefined ? answer.status : 206, {
    'X-Request-Id': request.id,
    // Rendered when asked for: what a cache kept would be stale.
    'Cache-Control': 'no-store',
    ...(type !== undefined && { 'Content-Type': type }),
    ...answer.headers,
    ...(part?.headers ?? { 'Content-Length': Buffer.byteLength(body) }),
  });
  await exchange.end(request.method === 'HEAD' ? '' : (part?.bytes ?? body));
}

type RenderedPart = {
  readonly bytes: Uint8Array;
  readonly headers: Readonly<Record<string, string | number>>;
};

/**
 * GRUB asks for the rest of a file in which it skipped something, and takes a whole one for that rest. Several parts,
 * and parts of a copy that a client holds, are not worth it for a text made on the spot: they get the whole.
 */
function partOf(
  request: BootRequest,
  answer: WholeAnswer,
  body: string | Uint8Array,
  type: string,
): RenderedPart | undefined {
  const { range, 'if-range': ifRange } = request.headers;
  if (request.method !== 'GET' || answer.status !== 200 || range === undefined || ifRange !== undefined)
    return undefined;
  const bytes = Buffer.from(body);
  const size = bytes.length;
  const ranges = parseRanges(String(range), size);
  if (ranges.kind === 'unsatisfiable')
    throw new ChainbootError('RANGE_NOT_SATISFIABLE', { range: String(range), name: request.path, size });
  const [first, ...others] = ranges.kind === 'parts' ? ranges.parts : [];
  if (first === undefined || others.length > 0) return undefined;
  const { headers } = bodyAround({ status: 206, parts: [first] }, { size, type });
  return { bytes: bytes.subarray(first.start, first.start + first.length), headers };
}

/** The plain answer to a file that could not be sent. */
function fileRefusal(request: BootRequest, error: ChainbootError): WholeAnswer {
  const answer = errorAnswer(request, error, false);
  if (error.code !== 'RANGE_NOT_SATISFIABLE') return answer;
  return { ...answer, headers: { ...answer.headers, 'Content-Range': `bytes */${error.values.size}` } };
}

export function sender(deps: SendDeps): Sender {
  const sending: FileSending = { cache: deps.cache, pacer: new Pacer(), now: deps.now };

  /** Answers with the error that kept the answer from being sent, if there was one. */
  async function send(
    request: BootRequest,
    answer: Answer,
    exchange: Exchange,
  ): Promise<ChainbootError | undefined> {
    try {
      refuseTraps(answer);
      if (answer.kind === 'file') await sendFile(sending, request, answer, exchange);
      else await sendWhole(request, answer, exchange);
      return undefined;
    } catch (thrown) {
      const error = asChainbootError(thrown);
      if (error.status >= 500 || error.code === 'FILE_UNREADABLE') {
        deps.log('error', error.message, { request: request.id, path: request.path, code: error.code });
      }
      if (exchange.response.headersSent) exchange.abort();
      else await sendWhole(request, fileRefusal(request, error), exchange);
      return error;
    }
  }

  return async (request, answer, exchange) => {
    const error = await send(request, answer, exchange);
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
      deps.log('error', 'recording a request failed', { request: request.id, reason: reasonOf(fault) });
    }
  };
}
