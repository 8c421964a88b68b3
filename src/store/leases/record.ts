/**
 * One lease as one line of the journal: JSON in ASCII, a blank, the CRC-32 of the JSON in eight hex digits, LF.
 *
 *     {"ip":"192.0.2.10","mac":"52:54:00:12:34:56","expires":1790000000000,"state":"bound"} 1a2b3c4d
 *
 * Text, so that grep and an administrator at three in the morning can read it; the sum tells a whole line from
 * one that a power cut left half written.
 */

import type { Lease } from '../../boot/lease.ts';
import { formatIpv4, parseIpv4 } from '../../net/ip.ts';
import { parseMac } from '../../net/mac.ts';
import { crc32 } from './crc32.ts';

/** Blank and eight hex digits. */
const SUM_LENGTH = 9;
const STATES: ReadonlySet<unknown> = new Set(['bound', 'released', 'declined'] satisfies Lease['state'][]);

/** ASCII text with its line feed. */
export function encodeRecord(lease: Lease): string {
  const json = ascii(JSON.stringify({ ...lease, ip: formatIpv4(lease.ip) }));
  return `${json} ${crc32(json).toString(16).padStart(8, '0')}\n`;
}

/** The lease of a line without its line feed; undefined when the line is damaged. */
export function decodeRecord(line: string): Lease | undefined {
  const json = line.slice(0, -SUM_LENGTH);
  if (line[json.length] !== ' ') return undefined;
  if (Number.parseInt(line.slice(json.length + 1), 16) !== crc32(json)) return undefined;
  try {
    return leaseOf(JSON.parse(json));
  } catch {
    return undefined;
  }
}

/** The sum is right, so this is what some version of us wrote; still nothing is taken on trust. */
function leaseOf(value: Readonly<Record<string, unknown>>): Lease | undefined {
  const { ip: address, mac, expires, state, clientId, hostname } = value;
  const ip = typeof address === 'string' ? parseIpv4(address) : undefined;
  if (ip === undefined || typeof mac !== 'string' || parseMac(mac) !== mac) return undefined;
  if (typeof expires !== 'number' || !STATES.has(state)) return undefined;
  return {
    ip,
    mac,
    expires,
    state: state as Lease['state'],
    ...(typeof clientId === 'string' && { clientId }),
    ...(typeof hostname === 'string' && { hostname }),
  };
}

/** JSON's own escapes for everything beyond ASCII, so that characters are bytes. */
function ascii(json: string): string {
  return json.replace(/[^\x20-\x7e]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
