/**
 * What no single record can show: duplicates, dangling references, addresses outside of their subnet,
 * overlapping ranges. Checked over the whole site as it would be, so that a change is taken whole or not at all.
 */

import { hostgroupFaults, osFaults, taxonomyFaults, userFaults, usergroupFaults } from './faults/grouping.ts';
import { hostFaults } from './faults/host.ts';
import { domainFaults, locatedFaults } from './faults/located.ts';
import type { Fault } from './faults/reference.ts';
import { subnetFaults } from './faults/subnet.ts';
import { nameOf, type Site } from './site.ts';
import { type Collection, type Host, isStacked, type Records } from './types.ts';

export type Inconsistency = Fault & { readonly collection: Collection; readonly name: string };

type Check<C extends Collection> = (site: Site, record: Records[C]) => readonly Fault[];

const CHECKS: { readonly [C in Collection]?: Check<C> } = {
  hosts: hostFaults,
  hostgroups: (site, record) => [...hostgroupFaults(site, record), ...locatedFaults(site, record)],
  subnets: (site, record) => [...subnetFaults(site, record), ...locatedFaults(site, record)],
  operatingsystems: osFaults,
  organizations: (site, record) => [
    ...taxonomyFaults(site, 'organizations', record),
    ...locatedFaults(site, record),
  ],
  locations: (site, record) => [...taxonomyFaults(site, 'locations', record), ...locatedFaults(site, record)],
  usergroups: usergroupFaults,
  domains: (site, record) => [...domainFaults(site, record), ...locatedFaults(site, record)],
  media: locatedFaults,
  realms: locatedFaults,
  users: (site, record) => [...userFaults(site, record), ...locatedFaults(site, record)],
  smart_proxies: locatedFaults,
  ptables: locatedFaults,
  provisioning_templates: locatedFaults,
};

export function inconsistencies(site: Site): readonly Inconsistency[] {
  const found = (Object.keys(CHECKS) as Collection[]).flatMap((collection) => allFaults(site, collection));
  return [...found, ...duplicateAddresses(site.list('hosts'))];
}

function allFaults<C extends Collection>(site: Site, collection: C): readonly Inconsistency[] {
  return site.list(collection).flatMap((record) => faultsOf(site, collection, record));
}

/** Of one record; what it has in common with others, such as an address, is looked at by `duplicatesAmong`. */
export function faultsOf<C extends Collection>(
  site: Site,
  collection: C,
  record: Records[C],
): readonly Inconsistency[] {
  const check = CHECKS[collection] as Check<C> | undefined;
  if (check === undefined) return [];
  return check(site, record).map((fault) => ({ collection, name: nameOf(collection, record), ...fault }));
}

/** Addresses of changed hosts that another of them has, or one of the rest; `gone` are deleted meanwhile. */
export function duplicatesAmong(
  rest: Site,
  hosts: readonly Host[],
  gone: ReadonlySet<number>,
): readonly Inconsistency[] {
  const ids = new Set([...hosts.map(({ id }) => id), ...gone]);
  const others = hosts.flatMap(({ name, interfaces }) =>
    interfaces.flatMap((nic, i) =>
      ADDRESSES.flatMap((field) => {
        const value = nic[field];
        if (value === undefined) return [];
        const owner = field === 'mac' ? rest.hostByMac(value) : rest.hostByIp(value);
        if (owner === undefined || ids.has(owner.host.id)) return [];
        const message = `${value} already belongs to ${owner.host.name}`;
        return [{ collection: 'hosts' as const, name, path: ['interfaces', i, field], message }];
      }),
    ),
  );
  return [...duplicateAddresses(hosts), ...others];
}

const ADDRESSES = ['mac', 'ip', 'ip6'] as const;

function duplicateAddresses(hosts: readonly Host[]): readonly Inconsistency[] {
  const found: Inconsistency[] = [];
  for (const field of ADDRESSES) {
    const owners = new Map<string, { readonly host: string; readonly stacked: boolean }>();
    for (const { name, interfaces } of hosts) {
      for (const [i, nic] of interfaces.entries()) {
        const value = nic[field];
        if (value === undefined) continue;
        const stacked = isStacked(nic);
        const owner = owners.get(value);
        if (owner === undefined) owners.set(value, { host: name, stacked });
        // VLANs and bonds share the MAC of the interfaces they sit on.
        else if (field !== 'mac' || owner.host !== name || !(stacked || owner.stacked)) {
          const message = `${value} already belongs to ${owner.host}`;
          found.push({ collection: 'hosts', name, path: ['interfaces', i, field], message });
        }
      }
    }
  }
  return found;
}
