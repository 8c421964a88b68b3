/**
 * Takes a TCP stream of syslog apart into lines: one behind a line feed, as rsyslog's `@@host` sends them (Anaconda), or
 * each behind its length (RFC 6587 §3.4.1). Memory stays bounded: of a line that is too long the beginning is kept.
 */

/** Longer lines are cut. */
export const MAX_FRAME = 8192;
/** `123 <13>…`: digits, a blank, and the priority. */
const LENGTH = /^([1-9]\d{0,5}) /;
const LONGEST_LENGTH = 7;
const LF = 0x0a;

export class Frames {
  #held = new Uint8Array(0);
  /** Bytes of a counted line that are still to come and not wanted any more. */
  #skipped = 0;
  /** The rest of a line without a length is thrown away up to its end. */
  #skipping = false;

  /** The lines that are complete with these bytes. */
  push(bytes: Uint8Array): readonly Uint8Array[] {
    let rest = joined(this.#held, bytes);
    const lines: Uint8Array[] = [];
    for (;;) {
      rest = this.#skip(rest);
      const taken = rest.length === 0 ? undefined : this.#next(rest);
      if (taken === undefined) break;
      if (taken.line.length > 0) lines.push(taken.line);
      rest = taken.rest;
    }
    this.#held = rest.slice();
    return lines;
  }

  #skip(rest: Uint8Array): Uint8Array {
    if (this.#skipped > 0) {
      const gone = Math.min(this.#skipped, rest.length);
      this.#skipped -= gone;
      return rest.subarray(gone);
    }
    if (!this.#skipping) return rest;
    const end = rest.indexOf(LF);
    if (end < 0) return rest.subarray(rest.length);
    this.#skipping = false;
    return rest.subarray(end + 1);
  }

  #next(rest: Uint8Array): { readonly line: Uint8Array; readonly rest: Uint8Array } | undefined {
    const head = LENGTH.exec(latin1(rest.subarray(0, LONGEST_LENGTH)));
    if (head !== null) return this.#counted(rest.subarray(head[0].length), Number(head[1]));
    const end = rest.indexOf(LF);
    if (end >= 0 && end <= MAX_FRAME) return { line: rest.subarray(0, end), rest: rest.subarray(end + 1) };
    if (rest.length <= MAX_FRAME) return undefined;
    this.#skipping = true;
    return { line: rest.subarray(0, MAX_FRAME), rest: rest.subarray(MAX_FRAME) };
  }

  #counted(body: Uint8Array, length: number) {
    const wanted = Math.min(length, MAX_FRAME);
    if (body.length < wanted) return undefined;
    this.#skipped = length - wanted;
    return { line: body.subarray(0, wanted), rest: body.subarray(wanted) };
  }
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  if (a.length === 0) return b;
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}

function latin1(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}
