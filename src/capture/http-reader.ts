/** Reads HTTP/1.x messages (RFC 9112) from one direction of a stream that may have gaps. */

import { latin1 } from '../net/bytes.ts';
import type { Seen, Sink } from './streams.ts';

export type Head = {
  /** `GET /x HTTP/1.1` or `HTTP/1.1 200 OK`. */
  readonly line: string;
  /** Names in lower case; those given more than once are joined with a comma. */
  readonly headers: ReadonlyMap<string, string>;
  /** Where its first byte was seen. */
  readonly seen: Seen;
};

export type Body = {
  /** The first of it, up to a gap or to what is kept. */
  readonly bytes: Uint8Array;
  /** Bytes of it that went by, those included that the capture does not have. */
  readonly length: number;
  /** What was promised; undefined where only the end of the connection tells. */
  readonly promised: number | undefined;
  /**
   * `whole`: it came to its end. `closed`: the connection was closed before. `unknown`: the capture does not have the rest.
   */
  readonly end: BodyEnd;
};

export type BodyEnd = 'whole' | 'closed' | 'unknown';

export type Messages = {
  /** Says what body follows, which the head alone does not tell; undefined: none whatever the head says. */
  head(head: Head): 'as-told' | 'none';
  body(body: Body, seen: Seen): void;
};

const MOST_HEAD = 64 * 1024;
const MOST_HEADERS = 200;
/** Scripts and answer files are a few kilobytes. */
const KEPT_BODY = 256 * 1024;

type State = 'head' | 'length' | 'chunk-size' | 'chunk' | 'chunk-end' | 'trailer' | 'close' | 'lost';

export class HttpReader implements Sink {
  private readonly messages: Messages;
  private state: State = 'head';
  private line = '';
  private first: Seen | undefined;
  private left = 0;
  private promised: number | undefined;
  private length = 0;
  private kept: Uint8Array[] = [];
  private keptLength = 0;
  private hasGap = false;

  constructor(messages: Messages) {
    this.messages = messages;
  }

  data(bytes: Uint8Array, seen: Seen): void {
    let rest = bytes;
    while (rest.length > 0 && this.state !== 'lost') rest = this.take(rest, seen);
  }

  gap(length: number, seen: Seen): void {
    if (this.state === 'close' || (this.state === 'length' && length <= this.left) || this.inChunk(length)) {
      this.hasGap = true;
      this.length += length;
      this.left -= length;
      if (this.state === 'length' && this.left === 0) this.finish('whole', seen);
      if (this.state === 'chunk' && this.left === 0) this.state = 'chunk-end';
      return;
    }
    // Where a message begins behind it is not known.
    if (this.isInBody()) this.finish('unknown', seen);
    this.state = 'lost';
  }

  end(how: 'fin' | 'rst' | 'open', seen: Seen): void {
    const closed = this.state === 'close' && how === 'fin' ? 'whole' : 'closed';
    if (this.isInBody()) this.finish(how === 'open' ? 'unknown' : closed, seen);
    this.state = 'lost';
  }

  private inChunk(length: number): boolean {
    return this.state === 'chunk' && length <= this.left;
  }

  private isInBody(): boolean {
    return this.state !== 'head' && this.state !== 'lost';
  }

  /** Answers what is left of the bytes. */
  private take(bytes: Uint8Array, seen: Seen): Uint8Array {
    switch (this.state) {
      case 'head':
        return this.takeHead(bytes, seen);
      case 'close':
        this.keep(bytes);
        return NOTHING;
      case 'length':
      case 'chunk': {
        const part = bytes.subarray(0, this.left);
        this.keep(part);
        this.left -= part.length;
        if (this.left === 0 && this.state === 'length') this.finish('whole', seen);
        else if (this.left === 0) this.state = 'chunk-end';
        return bytes.subarray(part.length);
      }
      default:
        return this.takeLine(bytes, seen);
    }
  }

  private takeHead(bytes: Uint8Array, seen: Seen): Uint8Array {
    this.first ??= seen;
    const before = this.line.length;
    const text = this.line + latin1(bytes.subarray(0, MOST_HEAD));
    // The end may have begun in the bytes before.
    const end = /\r?\n\r?\n/g;
    end.lastIndex = Math.max(0, before - 3);
    const found = end.exec(text);
    if (found === null) {
      this.line = text;
      if (before + bytes.length > MOST_HEAD || !looksLikeHttp(text)) this.state = 'lost';
      return NOTHING;
    }
    const head = parseHead(text.slice(0, found.index), this.first);
    this.line = '';
    this.first = undefined;
    if (head === undefined) {
      this.state = 'lost';
      return NOTHING;
    }
    this.beginBody(head, seen);
    return bytes.subarray(found.index + found[0].length - before);
  }

  private beginBody(head: Head, seen: Seen): void {
    const told = this.messages.head(head);
    this.promised = told === 'none' ? 0 : contentLength(head.headers);
    const chunked = told !== 'none' && /chunked/i.test(head.headers.get('transfer-encoding') ?? '');
    if (chunked) {
      this.promised = undefined;
      this.state = 'chunk-size';
      return;
    }
    if (this.promised === undefined && !head.line.startsWith('HTTP/')) this.promised = 0;
    this.left = this.promised ?? 0;
    this.state = this.promised === undefined ? 'close' : 'length';
    if (this.promised === 0) this.finish('whole', seen);
  }

  private takeLine(bytes: Uint8Array, seen: Seen): Uint8Array {
    const end = bytes.indexOf(10);
    const part = end < 0 ? bytes : bytes.subarray(0, end + 1);
    this.line += latin1(part.subarray(0, MOST_HEAD));
    if (this.line.length > MOST_HEAD) {
      this.finish('unknown', seen);
      this.state = 'lost';
      return NOTHING;
    }
    if (end < 0) return NOTHING;
    const line = this.line.trim();
    this.line = '';
    this.lineOfChunk(line, seen);
    return bytes.subarray(end + 1);
  }

  private lineOfChunk(line: string, seen: Seen): void {
    if (this.state === 'chunk-end') this.state = 'chunk-size';
    else if (this.state === 'trailer') {
      if (line === '') this.finish('whole', seen);
    } else if (/^[0-9a-f]{1,8}\s*(;|$)/i.test(line)) {
      this.left = Number.parseInt(line, 16);
      this.state = this.left === 0 ? 'trailer' : 'chunk';
    } else {
      this.finish('unknown', seen);
      this.state = 'lost';
    }
  }

  private keep(bytes: Uint8Array): void {
    this.length += bytes.length;
    const room = KEPT_BODY - this.keptLength;
    if (this.hasGap || room <= 0) return;
    const part = bytes.subarray(0, room);
    this.kept.push(part);
    this.keptLength += part.length;
  }

  private finish(end: BodyEnd, seen: Seen): void {
    const bytes = Buffer.concat(this.kept, this.keptLength);
    this.messages.body({ bytes, length: this.length, promised: this.promised, end }, seen);
    this.state = 'head';
    this.line = '';
    this.length = 0;
    this.kept = [];
    this.keptLength = 0;
    this.hasGap = false;
    this.promised = undefined;
  }
}

const NOTHING = new Uint8Array(0);

/** Of the first bytes of a message. */
export function looksLikeHttp(text: string): boolean {
  const start = text.slice(0, 8);
  return METHODS.some((method) => method.startsWith(start) || start.startsWith(method)) || isStatus(start);
}

const METHODS = ['GET ', 'HEAD ', 'POST ', 'PUT ', 'DELETE ', 'OPTIONS ', 'PATCH '];

function isStatus(start: string): boolean {
  return 'HTTP/1.1'.startsWith(start) || 'HTTP/1.0'.startsWith(start);
}

function parseHead(text: string, seen: Seen): Head | undefined {
  const [line = '', ...fields] = text.split(/\r?\n/);
  if (!/^([A-Z]+ \S+ HTTP\/1\.[01]|HTTP\/1\.[01] \d{3}( .*)?)$/.test(line)) return undefined;
  const headers = new Map<string, string>();
  for (const field of fields.slice(0, MOST_HEADERS)) {
    const colon = field.indexOf(':');
    if (colon <= 0) continue;
    const name = field.slice(0, colon).trim().toLowerCase();
    const value = field.slice(colon + 1).trim();
    const known = headers.get(name);
    headers.set(name, known === undefined ? value : `${known}, ${value}`);
  }
  return { line, headers, seen };
}

function contentLength(headers: ReadonlyMap<string, string>): number | undefined {
  const value = headers.get('content-length');
  return value !== undefined && /^\d{1,15}$/.test(value) ? Number(value) : undefined;
}
