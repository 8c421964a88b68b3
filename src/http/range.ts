/** Byte ranges and preconditions of RFC 9110 §13 and §14, pure. */

import type { Headers } from './request.ts';

/** What tells one state of a file from another. */
export type Validators = {
  /** A strong entity tag, with its quotes. */
  readonly etag: string;
  /** Modification time, epoch milliseconds. */
  readonly modified: number;
};

export type Negotiated =
  | { readonly status: 200 | 206; readonly start: number; readonly length: number }
  | { readonly status: 304 | 412 }
  | { readonly status: 416; readonly range: string };

/** `end` is inclusive, as on the wire. */
export type Range =
  | { readonly kind: 'whole' }
  | { readonly kind: 'part'; readonly start: number; readonly end: number }
  | { readonly kind: 'unsatisfiable' };

const WHOLE: Range = { kind: 'whole' };

/**
 * A Range header against a body of `size` bytes. Another unit, a syntax error and more than one range all mean
 * the whole body (RFC 9110 §14.2 lets a server ignore them); no boot client asks for several ranges.
 */
export function parseRange(header: string | undefined, size: number): Range {
  const found = /^bytes=[ \t]*(?:(\d+)-(\d*)|-(\d+))[ \t]*$/i.exec(header ?? '');
  if (found === null) return WHOLE;
  const [, first, last, suffix] = found;
  if (suffix !== undefined) {
    const length = Math.min(Number(suffix), size);
    return length === 0 ? { kind: 'unsatisfiable' } : { kind: 'part', start: size - length, end: size - 1 };
  }
  const start = Number(first);
  const end = last === '' ? size - 1 : Math.min(Number(last), size - 1);
  if (last !== '' && Number(last) < start) return WHOLE;
  return start >= size ? { kind: 'unsatisfiable' } : { kind: 'part', start, end };
}

function text(headers: Headers, name: string): string | undefined {
  const value = headers[name];
  return typeof value === 'string' ? value : value?.join(', ');
}

/** HTTP-date to whole seconds, the precision of Last-Modified; undefined if it is none. */
function httpDate(value: string | undefined): number | undefined {
  if (value === undefined || !/^[A-Z][a-z]{2,8},? /.test(value)) return undefined;
  const time = Date.parse(value);
  return Number.isNaN(time) ? undefined : Math.floor(time / 1000);
}

/** Ours are always strong, so only If-None-Match, which compares weakly, takes `W/` (RFC 9110 §8.8.3.2). */
function listsTag(header: string, etag: string, weakly: boolean): boolean {
  if (header.trim() === '*') return true;
  const tags = header.match(/(?:W\/)?"[^"]*"/g) ?? [];
  return tags.some((tag) => (weakly ? tag.replace(/^W\//, '') : tag) === etag);
}

/** If-Match and If-Unmodified-Since (RFC 9110 §13.2.2 steps 1 and 2). */
function preconditionFails(headers: Headers, file: Validators): boolean {
  const ifMatch = text(headers, 'if-match');
  if (ifMatch !== undefined) return !listsTag(ifMatch, file.etag, false);
  const since = httpDate(text(headers, 'if-unmodified-since'));
  return since !== undefined && Math.floor(file.modified / 1000) > since;
}

/** If-None-Match and If-Modified-Since (RFC 9110 §13.2.2 steps 3 and 4). */
function notModified(headers: Headers, file: Validators): boolean {
  const ifNoneMatch = text(headers, 'if-none-match');
  if (ifNoneMatch !== undefined) return listsTag(ifNoneMatch, file.etag, true);
  const since = httpDate(text(headers, 'if-modified-since'));
  return since !== undefined && Math.floor(file.modified / 1000) <= since;
}

/**
 * If-Range: the range counts only if the client's part is of the very file we have (RFC 9110 §13.1.5). A date
 * is proof only when the file was left alone for a second after it.
 */
function rangeCounts(headers: Headers, file: Validators, now: number): boolean {
  const ifRange = text(headers, 'if-range');
  if (ifRange === undefined) return true;
  const date = httpDate(ifRange);
  if (date === undefined) return ifRange.trim() === file.etag;
  return date === Math.floor(file.modified / 1000) && now - file.modified >= 1000;
}

/**
 * Which part of a file of `size` bytes a GET or HEAD gets. `conditional: false` leaves out 304 and 412, for
 * clients that keep no copy to fall back on.
 */
export function negotiate(
  headers: Headers,
  file: Validators & { readonly size: number },
  options: { readonly head: boolean; readonly conditional: boolean; readonly now: number },
): Negotiated {
  if (options.conditional) {
    if (preconditionFails(headers, file)) return { status: 412 };
    if (notModified(headers, file)) return { status: 304 };
  }
  // RFC 9110 §14.2: Range is defined for GET only.
  const asked = options.head || !rangeCounts(headers, file, options.now) ? undefined : text(headers, 'range');
  const range = parseRange(asked, file.size);
  if (range.kind === 'unsatisfiable') return { status: 416, range: asked ?? '' };
  if (range.kind === 'whole') return { status: 200, start: 0, length: file.size };
  return { status: 206, start: range.start, length: range.end - range.start + 1 };
}

/** A strong tag from what the file system knows; `changed` is the modification time in nanoseconds. */
export function etagOf(inode: bigint, size: bigint, changed: bigint): string {
  return `"${inode.toString(36)}-${size.toString(36)}-${changed.toString(36)}"`;
}
