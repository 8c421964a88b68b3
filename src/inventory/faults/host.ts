/** Hosts and their interfaces. */

import { osOf } from '../association.ts';
import { effectiveHost } from '../hostgroup.ts';
import { type Site, subnet6OfInterface, subnetOfInterface } from '../site.ts';
import { type Host, type Interface, osTitle, type Subnet } from '../types.ts';
import { groupingFaults, inheritableFaults } from './grouping.ts';
import { type Fault, reference } from './reference.ts';
import { type Family, familyOf, isInside, specialAddress, subnetReference } from './subnet.ts';

export function hostFaults(site: Site, host: Host): readonly Fault[] {
  const inherited = effectiveHost(site, host);
  return [
    ...inheritableFaults(site, host),
    ...groupingFaults(site, host),
    ...host.interfaces.flatMap((nic, i) =>
      [...nicReferences(site, nic), ...addressFaults(site, inherited.interfaces[i]!)].map((fault) => ({
        ...fault,
        path: ['interfaces', i, ...fault.path],
      })),
    ),
    ...roleFaults(host),
    ...identifierFaults(host),
    ...nameFaults(host),
    ...bootFaults(site, inherited),
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

/** Bonds and VLANs name their cards by identifier. */
function identifierFaults({ interfaces }: Host): readonly Fault[] {
  return interfaces.flatMap(({ identifier }, i) => {
    const first = interfaces.findIndex((nic) => nic.identifier === identifier);
    if (identifier === undefined || first === i) return [];
    return [
      {
        path: ['interfaces', i, 'identifier'],
        message: `"${identifier}" is the identifier of another interface`,
      },
    ];
  });
}

/** Names of machines are alike whatever their case (RFC 4343), so there is one way to write them. */
function nameFaults({ name }: Host): readonly Fault[] {
  const lower = name.toLowerCase();
  return name === lower
    ? []
    : [{ path: ['name'], message: 'has capital letters', suggestion: `write ${lower}` }];
}

/** A host in build mode that could not boot: everything that is missing, at once. `host` is the effective one. */
function bootFaults(site: Site, host: Host): readonly Fault[] {
  if (!host.build) return [];
  const faults: Fault[] = [];
  if (host.operatingsystem === undefined)
    faults.push({ path: ['operatingsystem'], message: 'build mode needs an operating system' });
  if (!host.interfaces.some((nic) => nic.mac !== undefined)) {
    faults.push({ path: ['interfaces'], message: 'build mode needs an interface with a MAC address' });
  }
  const os = osOf(site, host);
  if (
    os !== undefined &&
    host.medium !== undefined &&
    os.media.length > 0 &&
    !os.media.includes(host.medium)
  ) {
    faults.push({
      path: ['medium'],
      message: `"${host.medium}" is not a medium of ${osTitle(os)}`,
      suggestion: `its media: ${os.media.join(', ')}`,
    });
  }
  return faults;
}

function nicReferences(site: Site, nic: Interface): readonly Fault[] {
  return [
    ...subnetReference(site, nic.subnet, 'subnet', 'IPv4'),
    ...subnetReference(site, nic.subnet6, 'subnet6', 'IPv6'),
    ...reference(site, 'domains', nic.domain, ['domain']),
  ];
}

/** `nic` is the effective one. */
function addressFaults(site: Site, nic: Interface): readonly Fault[] {
  const { ip, ip6 } = nic;
  return [
    ...(ip === undefined ? [] : addressFault(site, nic, 'ip', ip, subnetOfInterface(site, nic))),
    ...(ip6 === undefined ? [] : addressFault(site, nic, 'ip6', ip6, subnet6OfInterface(site, nic))),
  ];
}

/** `subnet` is the one that was found; what others look after may be in networks that nobody declared. */
function addressFault(
  site: Site,
  nic: Interface,
  field: 'ip' | 'ip6',
  address: string,
  subnet: Subnet | undefined,
): readonly Fault[] {
  const fault = (message: string, suggestion?: string): readonly Fault[] => [
    { path: [field], message, ...(suggestion && { suggestion }) },
  ];
  if (subnet === undefined) {
    const networks = networksOf(site, field === 'ip' ? 'IPv4' : 'IPv6');
    const named = field === 'ip' ? nic.subnet : nic.subnet6;
    if (named !== undefined || networks.length === 0 || !nic.managed) return [];
    return fault(`${address} lies in none of the subnets`, `the subnets are ${networks.join(', ')}`);
  }
  if (isInside(subnet, address) === false)
    return fault(`${address} lies outside of the subnet ${subnet.name} (${subnet.network})`);
  const special = subnet.gateway === address ? 'the gateway' : specialAddress(subnet, address);
  return special === undefined ? [] : fault(`${address} is ${special} of ${subnet.name}`);
}

function networksOf(site: Site, family: Family): readonly string[] {
  return site.list('subnets').flatMap((subnet) => (familyOf(subnet) === family ? subnet.network : []));
}
