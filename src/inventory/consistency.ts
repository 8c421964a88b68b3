/**
 * What no single record can show: duplicates, dangling references, addresses outside of their subnet,
 * overlapping ranges. Checked over the whole site as it would be, so that a change is taken whole or not at all.
 */

import { type Cidr, contains, formatCidr, overlaps, parseCidr } from '../net/cidr.ts';
import { parseIpv4 } from '../net/ip.ts';
import { nameOf, type Site, subnetOfInterface } from './site.ts';
import type { Collection, Host, Interface, OperatingSystem, Subnet } from './types.ts';

/** `path` leads to the field inside the record: `['interfaces', 0, 'mac']`. */
export type Inconsistency = {
  readonly collection: Collection;
  readonly name: string;
  readonly path: readonly (string | number)[];
  readonly message: string;
  readonly suggestion?: string;
};

type Fault = Omit<Inconsistency, 'collection' | 'name'>;

export function inconsistencies(site: Site): readonly Inconsistency[] {
  return [
    ...site.list('hosts').flatMap((host) => tagged('hosts', host.name, hostFaults(site, host))),
    ...site.list('subnets').flatMap((subnet) => tagged('subnets', subnet.name, subnetFaults(site, subnet))),
    ...site
      .list('operatingsystems')
      .flatMap((os) => tagged('operatingsystems', nameOf('operatingsystems', os), osFaults(site, os))),
    ...duplicateAddresses(site),
  ];
}

function tagged(collection: Collection, name: string, faults: readonly Fault[]): readonly Inconsistency[] {
  return faults.map((fault) => ({ collection, name, ...fault }));
}

function reference(
  site: Site,
  collection: Collection,
  name: string | undefined,
  path: Fault['path'],
): readonly Fault[] {
  if (name === undefined || site.get(collection, name) !== undefined) return [];
  const known = site.list(collection).map((record) => nameOf(collection, record));
  return [
    {
      path,
      message: `there is no ${SINGULAR[collection]} named "${name}"`,
      suggestion: suggest(name, known),
    },
  ];
}

const SINGULAR: Readonly<Record<Collection, string>> = {
  hosts: 'host',
  hostgroups: 'hostgroup',
  architectures: 'architecture',
  realms: 'realm',
  organizations: 'organization',
  locations: 'location',
  users: 'user',
  usergroups: 'user group',
  operatingsystems: 'operating system',
  media: 'medium',
  subnets: 'subnet',
  domains: 'domain',
  ptables: 'partition table',
  provisioning_templates: 'template',
  common_parameters: 'parameter',
};

function suggest(name: string, known: readonly string[]): string {
  const near = nearest(name, known);
  if (near !== undefined) return `did you mean "${near}"?`;
  return known.length === 0 ? 'none is declared' : `known: ${known.slice(0, 8).join(', ')}`;
}

/** The known word closest to a mistyped one, if it is close at all. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  const ranked = known
    .map((candidate) => ({ candidate, distance: editDistance(word.toLowerCase(), candidate.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance)[0];
  if (ranked === undefined) return undefined;
  return ranked.distance <= Math.max(2, Math.floor(word.length / 3)) ? ranked.candidate : undefined;
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, change));
    }
    row = next;
  }
  return row[b.length]!;
}

function hostFaults(site: Site, host: Host): readonly Fault[] {
  return [
    ...reference(site, 'operatingsystems', host.operatingsystem, ['operatingsystem']),
    ...reference(site, 'media', host.medium, ['medium']),
    ...reference(site, 'ptables', host.ptable, ['ptable']),
    ...host.interfaces.flatMap((nic, i) =>
      nicFaults(site, nic).map((fault) => ({ ...fault, path: ['interfaces', i, ...fault.path] })),
    ),
    ...roleFaults(host),
    ...bootFaults(site, host),
  ];
}

/** Foreman allows one primary and one provision interface. */
function roleFaults(host: Host): readonly Fault[] {
  return (['primary', 'provision'] as const).flatMap((role) =>
    host.interfaces.filter((nic) => nic[role]).length > 1
      ? [{ path: ['interfaces'], message: `more than one interface is ${role}` }]
      : [],
  );
}

/** A host in build mode that could not boot: everything that is missing, at once. */
function bootFaults(site: Site, host: Host): readonly Fault[] {
  if (!host.build) return [];
  const faults: Fault[] = [];
  if (host.operatingsystem === undefined)
    faults.push({ path: ['operatingsystem'], message: 'build mode needs an operating system' });
  if (!host.interfaces.some((nic) => nic.mac !== undefined)) {
    faults.push({ path: ['interfaces'], message: 'build mode needs an interface with a MAC address' });
  }
  const os =
    host.operatingsystem === undefined ? undefined : site.get('operatingsystems', host.operatingsystem);
  if (
    os !== undefined &&
    host.medium !== undefined &&
    os.media.length > 0 &&
    !os.media.includes(host.medium)
  ) {
    faults.push({
      path: ['medium'],
      message: `"${host.medium}" is not a medium of ${host.operatingsystem}`,
      suggestion: `its media: ${os.media.join(', ')}`,
    });
  }
  return faults;
}

function nicFaults(site: Site, nic: Interface): readonly Fault[] {
  const faults = [
    ...reference(site, 'subnets', nic.subnet, ['subnet']),
    ...reference(site, 'domains', nic.domain, ['domain']),
  ];
  const address = nic.ip === undefined ? undefined : parseIpv4(nic.ip);
  if (address === undefined) return faults;
  const subnet = subnetOfInterface(site, nic);
  const cidr = subnet && parseCidr(subnet.network);
  if (cidr !== undefined && !contains(cidr, address)) {
    faults.push({
      path: ['ip'],
      message: `${nic.ip} lies outside of the subnet ${subnet?.name} (${formatCidr(cidr)})`,
    });
  }
  if (subnet === undefined && nic.subnet === undefined && site.list('subnets').length > 0) {
    faults.push({
      path: ['ip'],
      message: `${nic.ip} lies in none of the subnets`,
      suggestion: networksOf(site),
    });
  }
  if (subnet?.gateway === nic.ip)
    faults.push({ path: ['ip'], message: `${nic.ip} is the gateway of ${subnet?.name}` });
  return faults;
}

function networksOf(site: Site): string {
  return `the subnets are ${site
    .list('subnets')
    .map((subnet) => subnet.network)
    .join(', ')}`;
}

function osFaults(site: Site, os: OperatingSystem): readonly Fault[] {
  return [
    ...os.media.flatMap((name, i) => reference(site, 'media', name, ['media', i])),
    ...os.ptables.flatMap((name, i) => reference(site, 'ptables', name, ['ptables', i])),
    ...os.provisioning_templates.flatMap((name, i) =>
      reference(site, 'provisioning_templates', name, ['provisioning_templates', i]),
    ),
  ];
}

function subnetFaults(site: Site, subnet: Subnet): readonly Fault[] {
  const cidr = parseCidr(subnet.network);
  if (cidr === undefined) return [];
  return [
    ...reference(site, 'domains', subnet.domain, ['domain']),
    ...inside(cidr, subnet, ['gateway', 'from', 'to']),
    ...poolFaults(subnet),
    ...overlapFaults(site, subnet, cidr),
  ];
}

function inside(
  cidr: Cidr,
  subnet: Subnet,
  fields: readonly ('gateway' | 'from' | 'to')[],
): readonly Fault[] {
  return fields.flatMap((field) => {
    const address = subnet[field] === undefined ? undefined : parseIpv4(subnet[field]);
    if (address === undefined || contains(cidr, address)) return [];
    return [{ path: [field], message: `${subnet[field]} lies outside of ${subnet.network}` }];
  });
}

function poolFaults(subnet: Subnet): readonly Fault[] {
  if ((subnet.from === undefined) !== (subnet.to === undefined)) {
    return [{ path: [subnet.from === undefined ? 'to' : 'from'], message: 'a pool needs both from and to' }];
  }
  if (subnet.from === undefined || subnet.to === undefined) return [];
  return parseIpv4(subnet.from)! > parseIpv4(subnet.to)!
    ? [{ path: ['from'], message: `the pool is empty: ${subnet.from} comes after ${subnet.to}` }]
    : [];
}

function overlapFaults(site: Site, subnet: Subnet, cidr: Cidr): readonly Fault[] {
  return site.list('subnets').flatMap((other) => {
    const otherCidr = parseCidr(other.network);
    // Each pair is reported once, at the record that came later.
    if (otherCidr === undefined || other.id >= subnet.id || !overlaps(cidr, otherCidr)) return [];
    return [
      {
        path: ['network'],
        message: `${subnet.network} overlaps ${other.network} of the subnet ${other.name}`,
      },
    ];
  });
}

function duplicateAddresses(site: Site): readonly Inconsistency[] {
  const found: Inconsistency[] = [];
  for (const field of ['mac', 'ip', 'ip6'] as const) {
    const owner = new Map<string, string>();
    for (const host of site.list('hosts')) {
      host.interfaces.forEach((nic, i) => {
        const value = nic[field];
        // VLANs and bonds share the MAC of the interface they sit on.
        if (value === undefined || (field === 'mac' && nic.virtual)) return;
        const first = owner.get(value);
        if (first === undefined) owner.set(value, host.name);
        else
          found.push({
            collection: 'hosts',
            name: host.name,
            path: ['interfaces', i, field],
            message: `${value} already belongs to ${first}`,
          });
      });
    }
  }
  return found;
}
