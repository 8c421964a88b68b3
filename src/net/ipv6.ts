/** IPv6 addresses as unsigned 128-bit numbers, and networks of them. */

import { parseIpv4 } from './ip.ts';

export type Ipv6 = bigint;
export type Cidr6 = { readonly network: Ipv6; readonly prefix: number };

const GROUPS = 8;

/** Any form of RFC 4291 §2.2, without zone; undefined for anything else. */
export function parseIpv6(text: string): Ipv6 | undefined {
  const sides = text.split('::');
  if (sides.length > 2) return undefined;
  const [head, tail] = [groupsOf(sides[0]!, sides.length === 1), groupsOf(sides[1] ?? '', true)];
  if (head === undefined || tail === undefined) return undefined;
  const missing = GROUPS - head.length - tail.length;
  // `::` stands for at least one group of zeros.
  if (sides.length === 2 ? missing < 1 : missing !== 0) return undefined;
  const groups = [...head, ...new Array<number>(missing).fill(0), ...tail];
  return groups.reduce((value, group) => (value << 16n) | BigInt(group), 0n);
}

/** Groups between colons; the last one of an address may be an IPv4 address in dotted form. */
function groupsOf(text: string, last: boolean): readonly number[] | undefined {
  if (text === '') return [];
  const groups: number[] = [];
  const parts = text.split(':');
  for (const [i, part] of parts.entries()) {
    if (/^[0-9a-f]{1,4}$/i.test(part)) {
      groups.push(Number.parseInt(part, 16));
      continue;
    }
    const ipv4 = last && i === parts.length - 1 ? parseIpv4(part) : undefined;
    if (ipv4 === undefined) return undefined;
    groups.push(ipv4 >>> 16, ipv4 & 0xffff);
  }
  return groups;
}

/** RFC 5952: lower case, no leading zeros, the longest run of two or more zero groups as `::`. */
export function formatIpv6(address: Ipv6): string {
  const groups = Array.from({ length: GROUPS }, (_, i) =>
    ((address >> BigInt(16 * (GROUPS - 1 - i))) & 0xffffn).toString(16),
  );
  const runs = groups.join(':').match(/(?:\b0(?::|$)){2,}/g) ?? [];
  const longest = runs.reduce((best, run) => (run.length > best.length ? run : best), '');
  return longest === '' ? groups.join(':') : shortened(groups, runLength(longest));
}

function runLength(run: string): number {
  return run.match(/0/g)!.length;
}

function shortened(groups: readonly string[], length: number): string {
  const start = groups.findIndex((_, i) => groups.slice(i, i + length).every((group) => group === '0'));
  return `${groups.slice(0, start).join(':')}::${groups.slice(start + length).join(':')}`;
}

/** The one way to write an address; undefined when it is none. */
export function canonicalIpv6(text: string): string | undefined {
  const address = parseIpv6(text);
  return address === undefined ? undefined : formatIpv6(address);
}

/** `2001:db8::/64`; host bits must be zero. */
export function parseCidr6(text: string): Cidr6 | undefined {
  const [address, length, ...extra] = text.split('/');
  if (address === undefined || length === undefined || extra.length > 0) return undefined;
  const network = parseIpv6(address);
  if (network === undefined || !/^\d{1,3}$/.test(length)) return undefined;
  const prefix = Number(length);
  return prefix > 128 || (network & maskOf6(prefix)) !== network ? undefined : { network, prefix };
}

export function maskOf6(prefix: number): Ipv6 {
  return ((1n << 128n) - 1n) ^ ((1n << BigInt(128 - prefix)) - 1n);
}

export function contains6(cidr: Cidr6, address: Ipv6): boolean {
  return (address & maskOf6(cidr.prefix)) === cidr.network;
}

export function overlaps6(a: Cidr6, b: Cidr6): boolean {
  return a.prefix <= b.prefix ? contains6(a, b.network) : contains6(b, a.network);
}
