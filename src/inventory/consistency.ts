/**
 * What no single record can show: duplicates, dangling references, addresses outside of their subnet,
 * overlapping ranges. Checked over the whole site as it would be, so that a change is taken whole or not at all.
 */

import { hostgroupFaults, osFaults, taxonomyFaults, usergroupFaults } from './faults/grouping.ts';
import { hostFaults } from './faults/host.ts';
import type { Fault } from './faults/reference.ts';
import { subnetFaults } from './faults/subnet.ts';
import { nameOf, type Site } from './site.ts';
import type { Collection, Records } from './types.ts';

export type Inconsistency = Fault & { readonly collection: Collection; readonly name: string };

type Check<C extends Collection> = (site: Site, record: Records[C]) => readonly Fault[];

const CHECKS: { readonly [C in Collection]?: Check<C> } = {
  hosts: hostFaults,
  hostgroups: hostgroupFaults,
  subnets: subnetFaults,
  operatingsystems: osFaults,
  organizations: (site, record) => taxonomyFaults(site, 'organizations', record),
  locations: (site, record) => taxonomyFaults(site, 'locations', record),
  usergroups: usergroupFaults,
};

export function inconsistencies(site: Site): readonly Inconsistency[] {
  const found = (Object.keys(CHECKS) as Collection[]).flatMap((collection) => faultsOf(site, collection));
  return [...found, ...duplicateAddresses(site)];
}

function faultsOf<C extends Collection>(site: Site, collection: C): readonly Inconsistency[] {
  const check = CHECKS[collection] as Check<C>;
  return site
    .list(collection)
    .flatMap((record) =>
      check(site, record).map((fault) => ({ collection, name: nameOf(collection, record), ...fault })),
    );
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
