/** Subnets, reservations and leases in the shapes of a smart proxy (foreman-facts §5). Pure. */

import type { Lease } from '../boot/lease.ts';
import type { Site, SubnetRange } from '../inventory/site.ts';
import type { Interface, Subnet } from '../inventory/types.ts';
import { contains, netmask, parseCidr } from '../net/cidr.ts';
import { formatIpv4, parseIpv4 } from '../net/ip.ts';
import type { Reservation } from './reservations.ts';

export type SubnetJson = {
  readonly network: string;
  readonly netmask: string;
  readonly options: Readonly<Record<string, readonly string[]>>;
};

export type ReservationJson = {
  readonly name: string;
  readonly ip: string;
  readonly mac: string;
  /** `192.0.2.0/255.255.255.0` */
  readonly subnet: string;
  readonly type: 'reservation';
  readonly hostname: string;
  /** Whether it was made through the smart proxy. */
  readonly deleteable: boolean;
  readonly nextServer?: string;
  readonly filename?: string;
  readonly [more: string]: unknown;
};

export type LeaseJson = {
  readonly name: string;
  readonly ip: string;
  readonly mac: string;
  readonly subnet: string;
  /** `2026-01-02 03:04:05 UTC` */
  readonly starts: string;
  readonly ends: string;
  readonly state: 'active' | 'abandoned';
  readonly type: 'lease';
  readonly hostname?: string;
};

export type RecordJson = ReservationJson | LeaseJson;

/** The IPv4 ones. */
export function rangesOf(site: Site): readonly SubnetRange[] {
  return site.list('subnets').flatMap((subnet) => {
    const cidr = parseCidr(subnet.network);
    return cidr === undefined ? [] : [{ subnet, cidr }];
  });
}

export function networkOf({ cidr }: SubnetRange): string {
  return formatIpv4(cidr.network);
}

export function subnetJson(range: SubnetRange): SubnetJson {
  const { gateway, dns_primary, dns_secondary, from, to } = range.subnet;
  const servers = [dns_primary, dns_secondary].filter((server) => server !== undefined);
  return {
    network: networkOf(range),
    netmask: formatIpv4(netmask(range.cidr)),
    options: {
      ...(gateway !== undefined && { routers: [gateway] }),
      ...(servers.length > 0 && { domain_name_servers: servers }),
      ...(from !== undefined && to !== undefined && { range: [from, to] }),
    },
  };
}

/** Of the hosts of our own inventory, which are not a Foreman's to change. */
export function declaredRecords(site: Site, range: SubnetRange): readonly ReservationJson[] {
  return site.list('hosts').flatMap(({ name, interfaces }) =>
    interfaces.flatMap((nic) => {
      const record = declaredRecord(name, nic, range);
      return record === undefined ? [] : [record];
    }),
  );
}

export function declaredRecord(
  host: string,
  { name = host, mac, ip }: Interface,
  range: SubnetRange,
): ReservationJson | undefined {
  const address = parseIpv4(ip ?? '');
  if (mac === undefined || ip === undefined || address === undefined || !contains(range.cidr, address))
    return undefined;
  return { name, ip, mac, subnet: subnetText(range), type: 'reservation', hostname: name, deleteable: false };
}

export function reservationJson(reservation: Reservation, range: SubnetRange): ReservationJson {
  const { more, name, ip, mac, hostname, nextServer, filename, related } = reservation;
  return {
    ...more,
    name,
    ip,
    mac,
    subnet: subnetText(range),
    type: 'reservation',
    hostname,
    deleteable: true,
    ...(nextServer !== undefined && { nextServer }),
    ...(filename !== undefined && { filename }),
    ...(related.length > 0 && { related_macs: related }),
  };
}

/** Those that still hold. */
export function leasesIn(range: SubnetRange, leases: readonly Lease[], now: number): readonly LeaseJson[] {
  return leases
    .filter(({ ip, state, expires }) => contains(range.cidr, ip) && state !== 'released' && expires > now)
    .map((lease) => leaseJson(lease, range));
}

function leaseJson({ ip, mac, expires, hostname, state }: Lease, range: SubnetRange): LeaseJson {
  return {
    name: `lease-${mac.replaceAll(':', '')}`,
    ip: formatIpv4(ip),
    mac,
    subnet: subnetText(range),
    starts: timeText(expires - leaseMs(range.subnet)),
    ends: timeText(expires),
    state: state === 'declined' ? 'abandoned' : 'active',
    type: 'lease',
    ...(hostname !== undefined && { hostname }),
  };
}

/** Only the end of a lease is kept; it was given a lease time before. */
function leaseMs({ lease_time }: Subnet): number {
  return lease_time * 1000;
}

function timeText(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

function subnetText(range: SubnetRange): string {
  return `${networkOf(range)}/${formatIpv4(netmask(range.cidr))}`;
}
