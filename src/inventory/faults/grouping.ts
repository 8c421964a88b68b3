/** What hosts belong to: hostgroups, organizations, locations, owners; and what they may inherit. */

import type { Site } from '../site.ts';
import type { Host, Hostgroup, Inheritable, OperatingSystem, Taxonomy, User, Usergroup } from '../types.ts';
import { architectureReference, type Fault, reference, references, whereDeclared } from './reference.ts';
import { subnetReference } from './subnet.ts';

export function inheritableFaults(site: Site, record: Inheritable): readonly Fault[] {
  return [
    ...reference(site, 'operatingsystems', record.operatingsystem, ['operatingsystem']),
    ...architectureReference(site, record.architecture, ['architecture']),
    ...reference(site, 'media', record.medium, ['medium']),
    ...reference(site, 'ptables', record.ptable, ['ptable']),
    ...reference(site, 'realms', record.realm, ['realm']),
  ];
}

export function groupingFaults(site: Site, host: Host): readonly Fault[] {
  const owners = host.owner_type === 'Usergroup' ? 'usergroups' : 'users';
  return [
    ...reference(site, 'hostgroups', host.hostgroup, ['hostgroup']),
    ...reference(site, 'organizations', host.organization, ['organization']),
    ...reference(site, 'locations', host.location, ['location']),
    ...reference(site, owners, host.owner, ['owner']),
    ...whereDeclared(site, 'models', host.model, ['model']),
  ];
}

export function hostgroupFaults(site: Site, group: Hostgroup): readonly Fault[] {
  return [
    ...reference(site, 'hostgroups', group.parent, ['parent']),
    ...inheritableFaults(site, group),
    ...reference(site, 'domains', group.domain, ['domain']),
    ...subnetReference(site, group.subnet, 'subnet', 'IPv4'),
    ...subnetReference(site, group.subnet6, 'subnet6', 'IPv6'),
    ...references(site, 'provisioning_templates', group.provisioning_templates, 'provisioning_templates'),
  ];
}

export function taxonomyFaults(
  site: Site,
  collection: 'organizations' | 'locations',
  { parent }: Taxonomy,
): readonly Fault[] {
  return reference(site, collection, parent, ['parent']);
}

export function userFaults(site: Site, user: User): readonly Fault[] {
  return [
    ...reference(site, 'organizations', user.default_organization, ['default_organization']),
    ...reference(site, 'locations', user.default_location, ['default_location']),
  ];
}

/** Hosts name their owner by login or by name of a group: one must not be taken for the other. */
export function usergroupFaults(site: Site, group: Usergroup): readonly Fault[] {
  const user: User | undefined = site.get('users', group.name);
  return [
    ...references(site, 'users', group.users, 'users'),
    ...references(site, 'usergroups', group.usergroups, 'usergroups'),
    ...(user === undefined ? [] : [{ path: ['name'], message: `"${group.name}" is the login of a user` }]),
    ...circleFaults(site, group),
  ];
}

/** A group that is a member of itself, directly or through others. */
function circleFaults(site: Site, group: Usergroup): readonly Fault[] {
  return group.usergroups.flatMap((name, i) => {
    if (!membersOf(site, name).has(group.name)) return [];
    const message =
      name === group.name ? 'is the group itself' : `"${name}" has ${group.name} among its members`;
    return [{ path: ['usergroups', i], message }];
  });
}

/** The group, and every group that is a member of it. */
function membersOf(site: Site, name: string): ReadonlySet<string> {
  const found = new Set([name]);
  for (const each of found)
    for (const member of site.get('usergroups', each)?.usergroups ?? []) found.add(member);
  return found;
}

export function osFaults(site: Site, os: OperatingSystem): readonly Fault[] {
  return [
    ...references(site, 'media', os.media, 'media'),
    ...os.architectures.flatMap((name, i) => architectureReference(site, name, ['architectures', i])),
    ...references(site, 'ptables', os.ptables, 'ptables'),
    ...references(site, 'provisioning_templates', os.provisioning_templates, 'provisioning_templates'),
    ...Object.entries(os.default_templates ?? {}).flatMap(([kind, name]) =>
      reference(site, 'provisioning_templates', name, ['default_templates', kind]),
    ),
  ];
}
