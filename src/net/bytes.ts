/** Byte cursors shared by every wire codec: big-endian, bounds-checked, never reading past the end. */

/** Thrown by codecs for bytes that are not what they claim to be; the only error a decoder may throw. */
export class DecodeError extends Error {
  override readonly name = 'DecodeError';
  /** Byte offset at which decoding stopped. */
  readonly offset: number;
  constructor(message: string, offset: number) {
    super(`${message} at byte ${offset}`);
    this.offset = offset;
  }
}

/** Reads big-endian fields from a buffer; every getter throws {@link DecodeError} at the end. */
export class Reader {
  readonly bytes: Uint8Array;
  offset = 0;
  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  get remaining(): number {
    return this.bytes.length - this.offset;
  }

  private advance(length: number): number {
    const at = this.offset;
    if (length < 0 || at + length > this.bytes.length) throw new DecodeError(`need ${length} more bytes`, at);
    this.offset = at + length;
    return at;
  }

  u8(): number {
    return this.bytes[this.advance(1)]!;
  }

  u16(): number {
    const at = this.advance(2);
    return (this.bytes[at]! << 8) | this.bytes[at + 1]!;
  }

  u32(): number {
    const at = this.advance(4);
    const b = this.bytes;
    return ((b[at]! << 24) | (b[at + 1]! << 16) | (b[at + 2]! << 8) | b[at + 3]!) >>> 0;
  }

  /** A view, not a copy. */
  take(length: number): Uint8Array {
    const at = this.advance(length);
    return this.bytes.subarray(at, at + length);
  }

  rest(): Uint8Array {
    return this.take(this.remaining);
  }

  /** A NUL-terminated string; a missing terminator is an error. */
  cstring(): string {
    const end = this.bytes.indexOf(0, this.offset);
    if (end < 0) throw new DecodeError('string without terminating NUL', this.offset);
    const text = latin1(this.bytes.subarray(this.offset, end));
    this.offset = end + 1;
    return text;
  }
}

/** Writes big-endian fields into a growing buffer. */
export class Writer {
  private buffer: Uint8Array;
  private length = 0;
  constructor(capacity = 576) {
    this.buffer = new Uint8Array(capacity);
  }

  get offset(): number {
    return this.length;
  }

  private grow(extra: number): number {
    const at = this.length;
    const needed = at + extra;
    if (needed > this.buffer.length) {
      const larger = new Uint8Array(Math.max(needed, this.buffer.length * 2));
      larger.set(this.buffer.subarray(0, at));
      this.buffer = larger;
    }
    this.length = needed;
    return at;
  }

  u8(value: number): this {
    // grow() may replace the buffer, so it must come first.
    const at = this.grow(1);
    this.buffer[at] = value;
    return this;
  }

  u16(value: number): this {
    const at = this.grow(2);
    this.buffer[at] = value >>> 8;
    this.buffer[at + 1] = value;
    return this;
  }

  u32(value: number): this {
    const at = this.grow(4);
    this.buffer[at] = value >>> 24;
    this.buffer[at + 1] = value >>> 16;
    this.buffer[at + 2] = value >>> 8;
    this.buffer[at + 3] = value;
    return this;
  }

  put(bytes: Uint8Array): this {
    const at = this.grow(bytes.length);
    this.buffer.set(bytes, at);
    return this;
  }

  /** Latin-1 text without terminator. */
  text(text: string): this {
    const at = this.grow(text.length);
    for (let i = 0; i < text.length; i++) this.buffer[at + i] = text.charCodeAt(i);
    return this;
  }

  cstring(text: string): this {
    return this.text(text).u8(0);
  }

  zeros(count: number): this {
    this.grow(count);
    return this;
  }

  finish(): Uint8Array {
    return this.buffer.subarray(0, this.length);
  }
}

/** Latin-1 text of wire bytes (DHCP and TFTP strings are bytes, not UTF-8). */
export function latin1(bytes: Uint8Array): string {
  // TextDecoder's `latin1` is windows-1252 by the Encoding standard, which differs at 0x80 to 0x9f.
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
}

/** Wire bytes of latin-1 text. */
export function fromLatin1(text: string): Uint8Array {
  return Uint8Array.from(text, (char) => char.charCodeAt(0));
}

export function toHex(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += byte.toString(16).padStart(2, '0');
  return text;
}

export function fromHex(text: string): Uint8Array {
  const pairs = text.match(/[0-9a-f]{2}/gi) ?? [];
  return Uint8Array.from(pairs, (pair) => Number.parseInt(pair, 16));
}

export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

const DIGITS = Array.from('0123456789abcdef', (digit) => digit.charCodeAt(0));

/**
 * Makes a function that writes bytes in hex: numbers of the layout are their indexes, in `[1, 0, '-', 2]` as `bbaa-cc`. For
 * what runs for every packet: the text is made in one piece, while of one put together V8 keeps the parts.
 */
export function hexLayout(layout: readonly (number | string)[]): (bytes: Uint8Array) => string {
  const codes = layout.flatMap((part) => (typeof part === 'string' ? part.charCodeAt(0) : [0, 0]));
  return (bytes) => {
    let at = 0;
    for (const part of layout) {
      if (typeof part === 'string') at++;
      else {
        const byte = bytes[part]!;
        codes[at++] = DIGITS[byte >>> 4]!;
        codes[at++] = DIGITS[byte & 15]!;
      }
    }
    return String.fromCharCode(...codes);
  };
}
