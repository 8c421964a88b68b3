/** Byte ranges and preconditions of RFC 9110 §13 and §14, pure. */

import type { Headers } from './request.ts';

/** What tells one state of a file from another. */
export type Validators = {
  /** A strong entity tag, with its quotes. */
  readonly etag: string;
  /** Modification time, epoch milliseconds. */
  readonly modified: number;
};

export type Part = { readonly start: number; readonly length: number };

export type Negotiated =
  | { readonly status: 200 }
  /** One part, or several that go into a multipart/byteranges. */
  | { readonly status: 206; readonly parts: readonly Part[] }
  | { readonly status: 304 }
  | { readonly status: 412 }
  | { readonly status: 416; readonly range: string };

export type Ranges =
  | { readonly kind: 'whole' }
  | { readonly kind: 'parts'; readonly parts: readonly Part[] }
  | { readonly kind: 'unsatisfiable' };

const WHOLE: Ranges = { kind: 'whole' };
/** More than this are no resumed download (RFC 9110 §17.15: many small ranges are an attack). */
const MAX_RANGES = 16;

/**
 * A Range header against a body of `size` bytes. Another unit, a syntax error and too many ranges all mean the
 * whole body, as RFC 9110 §14.2 lets a server ignore them. Ranges outside of the body are left out as long as one
 * is inside; those that overlap or touch become one, in the place of the first (§15.3.7.2).
 */
export function parseRanges(header: string | undefined, size: number): Ranges {
  const list = /^bytes=(.*)$/i.exec(header ?? '')?.[1];
  if (list === undefined) return WHOLE;
  const specs = list.split(',').map((spec) => spec.trim());
  const asked = specs.filter((spec) => spec !== '');
  if (asked.length === 0 || asked.length > MAX_RANGES) return WHOLE;
  const parts: Part[] = [];
  for (const spec of asked) {
    const part = partOf(spec, size);
    if (part === undefined) return WHOLE;
    if (part.length > 0) parts.push(part);
  }
  return parts.length === 0 ? { kind: 'unsatisfiable' } : { kind: 'parts', parts: joined(parts) };
}

/** Length 0: it lies outside of the body. Undefined: it is no range. */
function partOf(spec: string, size: number): Part | undefined {
  const found = /^(?:(\d+)-(\d*)|-(\d+))$/.exec(spec);
  if (found === null) return undefined;
  const [, first, last, suffix] = found;
  if (suffix !== undefined) {
    const length = Math.min(Number(suffix), size);
    return { start: size - length, length };
  }
  const start = Number(first);
  if (last !== '' && Number(last) < start) return undefined;
  const end = last === '' ? size : Math.min(Number(last) + 1, size);
  return { start, length: Math.max(0, end - start) };
}

function joined(parts: readonly Part[]): readonly Part[] {
  const done: Part[] = [];
  for (const part of parts) {
    let { start, length } = part;
    let place = done.length;
    // Those that are done do not touch each other, so that one which grows touches no more of them than before.
    for (let i = done.length - 1; i >= 0; i--) {
      const other = done[i]!;
      const gap = Math.max(start - (other.start + other.length), other.start - (start + length));
      if (gap > 0) continue;
      const end = Math.max(start + length, other.start + other.length);
      start = Math.min(start, other.start);
      length = end - start;
      done.splice(i, 1);
      place = i;
    }
    done.splice(place, 0, { start, length });
  }
  return done;
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
 * Which parts of a file of `size` bytes a GET or HEAD gets. `conditional: false` leaves out 304 and 412, for
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
  const ranges = parseRanges(asked, file.size);
  if (ranges.kind === 'unsatisfiable') return { status: 416, range: asked ?? '' };
  return ranges.kind === 'whole' ? { status: 200 } : { status: 206, parts: ranges.parts };
}

/** A strong tag from what the file system knows; `changed` is the modification time in nanoseconds. */
export function etagOf(inode: bigint, size: bigint, changed: bigint): string {
  return `"${inode.toString(36)}-${size.toString(36)}-${changed.toString(36)}"`;
}
