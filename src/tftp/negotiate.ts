/** Options of a read request and what is made of them (RFC 2347, 2348 blksize, 2349 timeout and tsize, 7440 windowsize). */

import type { Option } from './packet.ts';

/** What this server is willing to grant. */
export type Bounds = {
  /** Largest block that leaves in one unfragmented packet; see {@link blksizeOfMtu}. */
  readonly blksize: number;
  readonly windowsize: number;
  /** Bytes sent without waiting: what fits a receiver's socket buffer. */
  readonly windowBytes: number;
};

export type Terms = {
  readonly blksize: number;
  readonly windowsize: number;
  /** Seconds between retransmissions, when the client asked for a value. */
  readonly timeout?: number;
  /** The client asked for the size and is told. */
  readonly tsize: boolean;
  /** To be confirmed by an OACK, in the client's order and spelling; empty: no OACK (RFC 2347). */
  readonly accepted: readonly Option[];
};

const DEFAULT_BLKSIZE = 512;
const MIN_BLKSIZE = 8;
export const MAX_BLKSIZE = 65464;
/** IPv4 header, UDP header, TFTP header. */
const HEADERS = 20 + 8 + 4;

/**
 * Block size whose packets are not fragmented: PXE ROMs do not reassemble.
 * @param mtu bytes.
 */
export function blksizeOfMtu(mtu: number): number {
  return Math.max(DEFAULT_BLKSIZE, Math.min(MAX_BLKSIZE, mtu - HEADERS));
}

/**
 * @param size bytes that will be sent; undefined when that is not to be told (mode netascii, where the number
 *   of bytes sent is not the size of the file).
 */
export function negotiate(options: readonly Option[], size: number | undefined, bounds: Bounds): Terms {
  const asked = firstOfEach(options);
  const blksize = grantBlksize(asked.get('blksize')?.value, bounds);
  const windowsize = grantWindowsize(asked.get('windowsize')?.value, blksize ?? DEFAULT_BLKSIZE, bounds);
  const timeout = whole(asked.get('timeout')?.value, 1, 255);
  const tsize = whole(asked.get('tsize')?.value, 0, Number.MAX_SAFE_INTEGER) === undefined ? undefined : size;
  const granted: Readonly<Record<string, number | undefined>> = { blksize, windowsize, timeout, tsize };
  const accepted = [...asked].flatMap(([key, { name }]) => {
    const value = Object.hasOwn(granted, key) ? granted[key] : undefined;
    return value === undefined ? [] : [{ name, value: String(value) }];
  });
  return {
    blksize: blksize ?? DEFAULT_BLKSIZE,
    windowsize: windowsize ?? 1,
    ...(timeout !== undefined && { timeout }),
    tsize: tsize !== undefined,
    accepted,
  };
}

/** Names are case-insensitive and may be given once (RFC 2347): the first counts. */
function firstOfEach(options: readonly Option[]): Map<string, Option> {
  const first = new Map<string, Option>();
  for (const option of options) {
    const key = option.name.toLowerCase();
    if (!first.has(key)) first.set(key, option);
  }
  return first;
}

function grantBlksize(value: string | undefined, bounds: Bounds): number | undefined {
  const asked = whole(value, MIN_BLKSIZE, Number.MAX_SAFE_INTEGER);
  return asked === undefined ? undefined : Math.min(asked, bounds.blksize, MAX_BLKSIZE);
}

function grantWindowsize(value: string | undefined, blksize: number, bounds: Bounds): number | undefined {
  const asked = whole(value, 1, 65535);
  if (asked === undefined) return undefined;
  return Math.min(asked, bounds.windowsize, Math.max(1, Math.floor(bounds.windowBytes / blksize)));
}

function whole(value: string | undefined, min: number, max: number): number | undefined {
  if (value === undefined || !/^\d{1,16}$/.test(value)) return undefined;
  const number = Number(value);
  return number >= min && number <= max ? number : undefined;
}
