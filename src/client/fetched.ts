/** A file that was fetched, whatever the protocol. */

import { looksLikeText } from './image.ts';

export type Fetched = {
  /** Where it came from in the end, after redirects. */
  readonly url: string;
  readonly bytes: number;
  /** Hex. */
  readonly sha256: string;
  /** The first bytes, up to the limit asked for: enough to tell what it is, and all of a script. */
  readonly head: Uint8Array;
};

/** How much of a file is kept: all of any script (iPXE ran one of 8 MB), a glimpse of an initrd. */
export const KEEP_SCRIPT = 16 * 1024 * 1024;
export const KEEP_MAGIC = 64 * 1024;

/** Where the header of any program and archive is over. */
const KEEP_BINARY = 8 * 1024;

/** The start of a file as it comes: of a text all that is wanted, of anything else its header. */
export class Kept {
  private limit: number;
  private length = 0;
  private readonly chunks: Uint8Array[] = [];

  constructor(limit: number) {
    this.limit = limit;
  }

  /** `chunk` is copied. */
  add(chunk: Uint8Array): void {
    const left = this.limit - this.length;
    if (left <= 0 || chunk.length === 0) return;
    if (this.chunks.length === 0 && !looksLikeText(chunk)) this.limit = Math.min(this.limit, KEEP_BINARY);
    // A Buffer's slice() would be a view, which keeps all of what was received.
    const copy = new Uint8Array(chunk.subarray(0, this.limit - this.length));
    this.chunks.push(copy);
    this.length += copy.length;
  }

  bytes(): Uint8Array {
    return new Uint8Array(Buffer.concat(this.chunks));
  }
}

/** Fetches an absolute URL; rejects with a BootFailure. */
export type Fetch = (url: string, keep: number) => Promise<Fetched>;
