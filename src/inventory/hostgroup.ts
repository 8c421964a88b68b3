/**
 * What hosts inherit from their hostgroup, and hostgroups from their ancestors (foreman: NestedAncestryCommon,
 * Hostext::HostgroupDefaults are the behaviour to match, save that nothing is copied into the host: it is worked
 * out when it is asked for, so that a change of a group reaches its hosts at once).
 */

import type { DhcpOptions } from './dhcp-options.ts';
import type { Site } from './site.ts';
import { type Host, type Hostgroup, type Inheritable, type Interface, primaryInterface } from './types.ts';

/** Where neither host nor hostgroup says. */
export const DEFAULT_ARCHITECTURE = 'x86_64';

export type EffectiveHost = Host & { readonly architecture: string };

/** Attributes of the host's primary interface that its hostgroup may give. */
type InterfaceDefaults = Pick<Hostgroup, 'domain' | 'subnet' | 'subnet6'>;

const HOST_FIELDS = [
  'operatingsystem',
  'architecture',
  'medium',
  'ptable',
  'realm',
  'pxe_loader',
  'ipxe_driver',
  'root_pass',
] as const satisfies readonly Exclude<keyof Inheritable, 'dhcp_options'>[];
const INTERFACE_FIELDS = [
  'domain',
  'subnet',
  'subnet6',
] as const satisfies readonly (keyof InterfaceDefaults)[];

/** The group itself first, its root last; ends where a parent is not declared. */
export function ancestry(site: Site, title: string | undefined): readonly Hostgroup[] {
  const groups: Hostgroup[] = [];
  let group = title === undefined ? undefined : site.get('hostgroups', title);
  while (group !== undefined) {
    groups.push(group);
    group = group.parent === undefined ? undefined : site.get('hostgroups', group.parent);
  }
  return groups;
}

/** Fills what is missing in the first record from the others, the earlier before the later. */
function filled<T extends object, K extends keyof T>(
  record: T,
  givers: readonly Partial<Pick<T, K>>[],
  fields: readonly K[],
): T {
  const result = { ...record };
  for (const field of fields) {
    for (const giver of givers) {
      if (result[field] !== undefined) break;
      if (giver[field] !== undefined) result[field] = giver[field] as T[K];
    }
  }
  return result;
}

/** The group with everything its ancestors give it. */
export function effectiveHostgroup(site: Site, group: Hostgroup): Hostgroup {
  if (group.parent === undefined) return group;
  return filled(group, ancestry(site, group.parent), [...HOST_FIELDS, ...INTERFACE_FIELDS]);
}

/** Hosts that were worked out here: asking again for one that is passed along costs nothing. */
const workedOut = new WeakSet<Host>();

/**
 * The host with everything its hostgroup gives it. The very same object when it has no hostgroup: the wire asks
 * for every packet.
 */
export function effectiveHost(site: Site, host: Host): EffectiveHost {
  if (host.hostgroup === undefined && host.architecture !== undefined) return host as EffectiveHost;
  if (workedOut.has(host)) return host as EffectiveHost;
  const groups = ancestry(site, host.hostgroup);
  const { architecture = DEFAULT_ARCHITECTURE, ...rest } = filled(host, groups, HOST_FIELDS);
  const effective = { ...rest, architecture, interfaces: effectiveInterfaces(host, groups) };
  workedOut.add(effective);
  return effective;
}

function effectiveInterfaces(host: Host, groups: readonly Hostgroup[]): readonly Interface[] {
  if (!groups.some((group) => INTERFACE_FIELDS.some((field) => group[field] !== undefined)))
    return host.interfaces;
  const primary = primaryInterface(host);
  return host.interfaces.map((nic) => (nic === primary ? filled(nic, groups, INTERFACE_FIELDS) : nic));
}

/** Options of the host and, where it does not declare them, of its hostgroups; undefined when there are none. */
export function dhcpOptionsOf(site: Site, host: Host): DhcpOptions | undefined {
  let all: DhcpOptions | undefined;
  for (const { dhcp_options } of [host, ...ancestry(site, host.hostgroup)])
    if (dhcp_options !== undefined) all = { ...dhcp_options, ...all };
  return all;
}
