/** `dhcp-host=…` in all its forms, which lines of a dhcp-hostsfile have too, and /etc/ethers. */

import { parseIpv4 } from '../../net/ip.ts';
import { parseIpv6 } from '../../net/ipv6.ts';
import { formatMac, type Mac } from '../../net/mac.ts';
import { hexBytes } from '../network/option-value.ts';
import type { Place } from '../place.ts';
import { secondsOf } from './range.ts';
import { tagged } from './tags.ts';

export type HostLine = {
  readonly place: Place;
  readonly text: string;
  readonly macs: readonly Mac[];
  readonly patterns: readonly string[];
  readonly clientIds: readonly string[];
  readonly ip?: string;
  readonly ip6?: string;
  readonly name?: string;
  readonly leaseTime?: number;
  readonly set: readonly string[];
  readonly wanted: readonly string[];
  readonly isIgnored: boolean;
};

export function hostLine(place: Place, text: string, values: readonly string[]): HostLine {
  const { set, wanted, rest } = tagged(values, 'set');
  const found: {
    macs: Mac[];
    patterns: string[];
    clientIds: string[];
    ip?: string;
    ip6?: string;
    name?: string;
    leaseTime?: number;
  } = { macs: [], patterns: [], clientIds: [] };
  for (const field of rest) {
    const mac = macOf(field);
    const bracketed = /^\[(.*)\]$/.exec(field)?.[1];
    const seconds = secondsOf(field);
    if (mac !== undefined) found.macs.push(mac);
    else if (isPattern(field)) found.patterns.push(field);
    else if (field.startsWith('id:')) found.clientIds.push(field.slice(3));
    else if (bracketed !== undefined && parseIpv6(bracketed) !== undefined) found.ip6 = bracketed;
    else if (parseIpv4(field) !== undefined) found.ip = field;
    else if (seconds !== undefined) found.leaseTime = seconds;
    else if (field !== '' && field !== 'ignore') found.name = field;
  }
  return { place, text, ...found, set, wanted, isIgnored: rest.includes('ignore') };
}

/** Ethernet with or without its hardware type before it (`1-`), leading zeros or not. */
export function macOf(field: string): Mac | undefined {
  const text = field.replace(/^0?1-(?=[^-]*:)/, '');
  if (!/^([0-9a-f]{1,2}[:-]){5}[0-9a-f]{1,2}$/i.test(text)) return undefined;
  return formatMac(Uint8Array.from(hexBytes(text)!));
}

/** `11:22:33:*:*:*`, or a hardware type other than Ethernet's. */
function isPattern(field: string): boolean {
  return /^([0-9a-f]{1,2}-)?([0-9a-f*]{1,2}:){3,}[0-9a-f*]{1,2}$/i.test(field);
}

/** Type 1 and the MAC address (RFC 2132 §9.14). */
export function macOfClientId(id: string): Mac | undefined {
  const bytes = hexBytes(id);
  return bytes?.length === 7 && bytes[0] === 1 ? formatMac(Uint8Array.from(bytes.slice(1))) : undefined;
}

/** A line of ethers(5): an address, and a name or an IP address. */
export function ethersLine(place: Place, text: string): HostLine {
  const [address = '', other = ''] = text.split(/\s+/);
  return hostLine(place, text, [address, other]);
}
