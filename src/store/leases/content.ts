/** What a journal file says. */

import type { Lease } from '../../boot/lease.ts';
import { ChainbootError } from '../../errors.ts';
import type { Ipv4 } from '../../net/ip.ts';
import { decodeRecord } from './record.ts';

/** The first line of every journal: tells it from a file that somebody named by mistake. */
export const HEADER = '# chainboot leases 1: JSON and its CRC-32; the newest line of an address counts\n';

const LINE_FEED = 0x0a;
const BLANK = 0x20;

export type Content = {
  /** By address. */
  readonly newest: Map<Ipv4, Lease>;
  /** Whole lines, damaged ones included. */
  readonly lines: number;
  /** Bytes up to the end of the last whole line that is undamaged. */
  readonly size: number;
  /** More than blanks lies behind `size`. */
  readonly torn: boolean;
  /** Lines, and the remains of one, that were skipped. */
  readonly damaged: number;
};

/**
 * Damaged lines between good ones are skipped: a crash can leave the blocks of its last write in any order, and
 * every line whose sum is right was written by us.
 * @throws ChainbootError LEASES_UNREADABLE for a file that is not a journal
 */
export function parseJournal(file: string, bytes: Buffer): Content {
  const newest = new Map<Ipv4, Lease>();
  const start = headerLength(file, bytes);
  let lines = 0;
  let damaged = 0;
  let size = start;
  for (let at = start; at < bytes.length; ) {
    const lineFeed = bytes.indexOf(LINE_FEED, at);
    const end = lineFeed < 0 ? bytes.length : lineFeed;
    const line = bytes.toString('latin1', at, end);
    at = end + 1;
    // The blanks that a journal in use ends with.
    if (lineFeed < 0 && line.trimEnd() === '') break;
    const lease = lineFeed < 0 ? undefined : decodeRecord(line);
    if (lease === undefined) damaged++;
    else {
      newest.set(lease.ip, lease);
      lines++;
      size = at;
    }
  }
  const torn = bytes.subarray(size).some((byte) => byte !== BLANK);
  return { newest, lines, size, torn, damaged };
}

/**
 * Zero for an empty file and for one whose first write was cut short, which XFS may show as a file of zeros.
 */
function headerLength(file: string, bytes: Buffer): number {
  if (bytes.every((byte) => byte === 0)) return 0;
  if (bytes.length < HEADER.length && HEADER.startsWith(bytes.toString('latin1'))) return 0;
  if (bytes.toString('latin1', 0, HEADER.length) === HEADER) return HEADER.length;
  throw new ChainbootError('LEASES_UNREADABLE', {
    file,
    reason: 'it does not begin as a lease journal does',
  });
}
