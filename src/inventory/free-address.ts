/**
 * Which addresses of a subnet a host may be given, and the next free one. From `from` to `to` where the subnet has them,
 * as in Foreman: they are the pool of machines without a reservation, too, and the pool leaves out what a host has
 * (dhcp/pool.ts). Else all of the subnet.
 */

import { broadcast, parseCidr } from '../net/cidr.ts';
import { formatIpv4 } from '../net/ip.ts';
import { formatIpv6, maskOf6, parseCidr6 } from '../net/ipv6.ts';
import { type Mac, macBytes } from '../net/mac.ts';
import { AddressSet } from './address-set.ts';
import { type AddressFamily, addressNumber, type Site } from './site.ts';
import type { IpamMode, Subnet } from './types.ts';

type Range = { readonly family: AddressFamily; readonly first: bigint; readonly last: bigint };

export type FreeAddressOptions = {
  /** Of the interface; EUI-64 is made of it. */
  readonly mac?: Mac | undefined;
  /** Says no to what the inventory does not know of: leases, addresses of this server. */
  readonly isFree: (address: string) => boolean;
  /** What is known not to be free. */
  readonly skip?: AddressSet;
  /** 0 ≤ x < 1 */
  readonly random: () => number;
};

/** How the subnet gives addresses to hosts. There is no DHCPv6 here: addresses of IPv6 are given only where a mode says so. */
export function ipamOf({ network, ipam }: Pick<Subnet, 'network' | 'ipam'>): IpamMode {
  if (!network.includes(':')) return ipam ?? 'DHCP';
  return ipam === undefined || ipam === 'DHCP' ? 'None' : ipam;
}

/** Undefined when there is none, or when none is given there (`None`, and EUI-64 without a MAC). */
export function freeAddress(site: Site, subnet: Subnet, options: FreeAddressOptions): string | undefined {
  const mode = ipamOf(subnet);
  if (mode === 'None') return undefined;
  if (mode === 'EUI-64') return ofMac(site, subnet, options);
  const range = rangeOf(subnet);
  if (range === undefined) return undefined;
  const { family, first, last } = range;
  const write = family === 'IPv4' ? (address: bigint) => formatIpv4(Number(address)) : formatIpv6;
  const excluded = serversOf(subnet, family);
  const isFree = (address: bigint): boolean => {
    if (excluded.has(address)) return false;
    const text = write(address);
    return site.hostByIp(text) === undefined && options.isFree(text);
  };
  const used = [site.addressesInUse(family), ...(options.skip === undefined ? [] : [options.skip])];
  const start = mode === 'Random DB' ? between(first, last, options.random()) : first;
  const found =
    AddressSet.firstFree(used, start, last, isFree) ?? AddressSet.firstFree(used, first, start - 1n, isFree);
  return found === undefined ? undefined : write(found);
}

/** Whether the address is one that the subnet gives to hosts, and no host has it. */
export function isGiven(site: Site, subnet: Subnet, text: string): boolean {
  const range = ipamOf(subnet) === 'EUI-64' ? wholeOf(subnet) : rangeOf(subnet);
  const address = range && addressNumber(range.family, text);
  if (range === undefined || address === undefined || address < range.first || address > range.last)
    return false;
  return !serversOf(subnet, range.family).has(address) && site.hostByIp(text) === undefined;
}

/** Undefined for a pool that is none. */
export function rangeOf(subnet: Subnet): Range | undefined {
  const whole = wholeOf(subnet);
  const { from, to } = subnet;
  if (whole === undefined || from === undefined || to === undefined) return whole;
  const [first, last] = [addressNumber(whole.family, from), addressNumber(whole.family, to)];
  if (first === undefined || last === undefined) return undefined;
  // Its ends are nobody's even where the pool takes them in.
  const isInner = (address: bigint) => address >= whole.first && address <= whole.last;
  const range = { first: isInner(first) ? first : whole.first, last: isInner(last) ? last : whole.last };
  return range.first > range.last ? undefined : { family: whole.family, ...range };
}

/** Without the address of the network and, in IPv4, that of broadcasts (in IPv6: the subnet-router anycast, RFC 4291 §2.6.1). */
function wholeOf({ network }: Subnet): Range | undefined {
  const v4 = parseCidr(network);
  if (v4 !== undefined) {
    const inner = v4.prefix < 31 ? 1n : 0n;
    const [first, last] = [BigInt(v4.network) + inner, BigInt(broadcast(v4)) - inner];
    return { family: 'IPv4', first, last };
  }
  const v6 = parseCidr6(network);
  if (v6 === undefined) return undefined;
  const inner = v6.prefix < 127 ? 1n : 0n;
  const last = v6.network + (1n << BigInt(128 - v6.prefix)) - 1n;
  return { family: 'IPv6', first: v6.network + inner, last };
}

function serversOf(subnet: Subnet, family: AddressFamily): ReadonlySet<bigint> {
  const { gateway, dns_primary, dns_secondary } = subnet;
  return new Set(
    [gateway, dns_primary, dns_secondary].flatMap((text) =>
      text === undefined ? [] : (addressNumber(family, text) ?? []),
    ),
  );
}

const FRACTION = 2 ** 53;

function between(first: bigint, last: bigint, random: number): bigint {
  return first + ((last - first + 1n) * BigInt(Math.floor(random * FRACTION))) / BigInt(FRACTION);
}

/** RFC 4291 appendix A: the MAC with ff:fe in its middle and its universal bit turned round, in a network of /64 or less. */
export function eui64(network: string, mac: Mac): string | undefined {
  const cidr = parseCidr6(network);
  if (cidr === undefined || cidr.prefix > 64) return undefined;
  const [a, b, c, d, e, f] = macBytes(mac) as unknown as readonly number[];
  const identifier = [a! ^ 2, b!, c!, 0xff, 0xfe, d!, e!, f!].reduce(
    (number, byte) => (number << 8n) | BigInt(byte),
    0n,
  );
  return formatIpv6((cidr.network & maskOf6(64)) | identifier);
}

function ofMac(site: Site, { network }: Subnet, { mac, isFree }: FreeAddressOptions): string | undefined {
  const address = mac === undefined ? undefined : eui64(network, mac);
  if (address === undefined || site.hostByIp(address) !== undefined || !isFree(address)) return undefined;
  return address;
}
