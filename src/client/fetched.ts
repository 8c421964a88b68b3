/** A file that was fetched, whatever the protocol. */

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

/** Fetches an absolute URL; rejects with a BootFailure. */
export type Fetch = (url: string, keep: number) => Promise<Fetched>;
