/** Subnets: addresses outside of them, empty pools, overlaps; of both families. */

import { broadcast, contains, overlaps, parseCidr } from '../../net/cidr.ts';
import { parseIpv4 } from '../../net/ip.ts';
import { contains6, overlaps6, parseCidr6, parseIpv6 } from '../../net/ipv6.ts';
import type { Site } from '../site.ts';
import type { Subnet } from '../types.ts';
import { proxyFaults } from './located.ts';
import { type Fault, reference, references } from './reference.ts';

export type Family = 'IPv4' | 'IPv6';

export function familyOf({ network }: Pick<Subnet, 'network'>): Family {
  return network.includes(':') ? 'IPv6' : 'IPv4';
}

/** Undefined for an address of the other family, or none. */
export function isInside({ network }: Pick<Subnet, 'network'>, address: string): boolean | undefined {
  const [v4, v6] = [parseCidr(network), parseCidr6(network)];
  const [ipv4, ipv6] = [parseIpv4(address), parseIpv6(address)];
  if (v4 !== undefined && ipv4 !== undefined) return contains(v4, ipv4);
  return v6 !== undefined && ipv6 !== undefined ? contains6(v6, ipv6) : undefined;
}

/** Interfaces and hostgroups name one subnet of each family. */
export function subnetReference(
  site: Site,
  name: string | undefined,
  field: 'subnet' | 'subnet6',
  family: Family,
): readonly Fault[] {
  const subnet = name === undefined ? undefined : site.get('subnets', name);
  if (subnet === undefined) return reference(site, 'subnets', name, [field]);
  if (familyOf(subnet) === family) return [];
  const other = field === 'subnet' ? 'subnet6' : 'subnet';
  return [
    {
      path: [field],
      message: `"${name}" is an ${familyOf(subnet)} subnet`,
      suggestion: `it belongs under ${other}`,
    },
  ];
}

export function subnetFaults(site: Site, subnet: Subnet): readonly Fault[] {
  return [
    ...reference(site, 'domains', subnet.domain, ['domain']),
    ...references(site, 'domains', subnet.domains ?? [], 'domains'),
    ...proxyFaults(site, subnet),
    ...ipamFaults(subnet),
    ...familyFaults(subnet),
    ...outsideFaults(subnet),
    ...poolFaults(subnet),
    ...overlapFaults(site, subnet),
  ];
}

const ADDRESSES = ['gateway', 'dns_primary', 'dns_secondary', 'from', 'to'] as const;

function familyFaults(subnet: Subnet): readonly Fault[] {
  const family = familyOf(subnet);
  return ADDRESSES.flatMap((field) => {
    const address = subnet[field];
    if (address === undefined || address.includes(':') === (family === 'IPv6')) return [];
    return [{ path: [field], message: `${address} is not an ${family} address, as ${subnet.network} is` }];
  });
}

/** EUI-64 is of IPv6, and there is no DHCPv6 here. */
function ipamFaults(subnet: Subnet): readonly Fault[] {
  const { ipam, network } = subnet;
  const family = familyOf(subnet);
  if (ipam !== (family === 'IPv4' ? 'EUI-64' : 'DHCP')) return [];
  const others = family === 'IPv4' ? 'DHCP, Internal DB, Random DB' : 'EUI-64, Internal DB, Random DB';
  const message = `${ipam} gives no ${family} addresses, as ${network} has`;
  return [{ path: ['ipam'], message, suggestion: `choose one of ${others}, None` }];
}

function outsideFaults(subnet: Subnet): readonly Fault[] {
  return (['gateway', 'from', 'to'] as const).flatMap((field) => {
    const address = subnet[field];
    if (address === undefined || isInside(subnet, address) !== false) return [];
    // Routers are announced by their link-local address.
    if (field === 'gateway' && /^fe[89ab]/i.test(address)) return [];
    return [{ path: [field], message: `${address} lies outside of ${subnet.network}` }];
  });
}

/** What an address of an IPv4 subnet is instead of a host's (RFC 1122 §3.2.1.3); of a /31 and a /32, all are hosts'. */
export function specialAddress({ network }: Pick<Subnet, 'network'>, address: string): string | undefined {
  const [cidr, ip] = [parseCidr(network), parseIpv4(address)];
  if (cidr === undefined || ip === undefined || cidr.prefix > 30) return undefined;
  if (ip === cidr.network) return 'the network address';
  return ip === broadcast(cidr) ? 'the broadcast address' : undefined;
}

function numberOf(address: string): bigint {
  return BigInt(parseIpv4(address) ?? parseIpv6(address) ?? 0);
}

function poolFaults({ from, to }: Subnet): readonly Fault[] {
  if (from === undefined && to === undefined) return [];
  if (from === undefined || to === undefined) {
    return [{ path: [from === undefined ? 'to' : 'from'], message: 'a pool needs both from and to' }];
  }
  return numberOf(from) > numberOf(to)
    ? [{ path: ['from'], message: `the pool is empty: ${from} comes after ${to}` }]
    : [];
}

function overlapFaults(site: Site, subnet: Subnet): readonly Fault[] {
  return site.list('subnets').flatMap((other) => {
    // Each pair is reported once, at the record that came later.
    if (other.id >= subnet.id || !areOverlapping(subnet.network, other.network)) return [];
    return [
      {
        path: ['network'],
        message: `${subnet.network} overlaps ${other.network} of the subnet ${other.name}`,
      },
    ];
  });
}

function areOverlapping(a: string, b: string): boolean {
  const [a4, b4] = [parseCidr(a), parseCidr(b)];
  if (a4 !== undefined && b4 !== undefined) return overlaps(a4, b4);
  const [a6, b6] = [parseCidr6(a), parseCidr6(b)];
  return a6 !== undefined && b6 !== undefined && overlaps6(a6, b6);
}
