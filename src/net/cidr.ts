/** IPv4 networks. */

import { formatIpv4, type Ipv4, parseIpv4 } from './ip.ts';

export type Cidr = { readonly network: Ipv4; readonly prefix: number };

/** `192.0.2.0/24`; host bits must be zero. */
export function parseCidr(text: string): Cidr | undefined {
  const [address, length, ...extra] = text.split('/');
  if (address === undefined || length === undefined || extra.length > 0) return undefined;
  const network = parseIpv4(address);
  if (network === undefined || !/^\d{1,2}$/.test(length)) return undefined;
  const prefix = Number(length);
  if (prefix > 32 || (network & maskOf(prefix)) >>> 0 !== network) return undefined;
  return { network, prefix };
}

/** The network that an address is in. */
export function cidrAround(address: Ipv4, prefix: number): Cidr {
  return { network: (address & maskOf(prefix)) >>> 0, prefix };
}

export function maskOf(prefix: number): Ipv4 {
  return prefix === 0 ? 0 : (0xffffffff << (32 - prefix)) >>> 0;
}

/** The prefix length of a contiguous netmask; undefined for `255.0.255.0` and the like. */
export function prefixOf(mask: Ipv4): number | undefined {
  const prefix = 32 - Math.log2((~mask >>> 0) + 1);
  return Number.isInteger(prefix) ? prefix : undefined;
}

export function netmask(cidr: Cidr): Ipv4 {
  return maskOf(cidr.prefix);
}

export function broadcast(cidr: Cidr): Ipv4 {
  return (cidr.network | ~maskOf(cidr.prefix)) >>> 0;
}

export function contains(cidr: Cidr, address: Ipv4): boolean {
  return (address & maskOf(cidr.prefix)) >>> 0 === cidr.network;
}

export function overlaps(a: Cidr, b: Cidr): boolean {
  return a.prefix <= b.prefix ? contains(a, b.network) : contains(b, a.network);
}

export function formatCidr(cidr: Cidr): string {
  return `${formatIpv4(cidr.network)}/${cidr.prefix}`;
}
