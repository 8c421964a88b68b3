/**
 * What a proxy may know: the subnets that name it, the machines on them, and the records that these name; without passwords,
 * parameters and templates, which are only needed where scripts are rendered.
 */

import { effectiveHost } from '../inventory/hostgroup.ts';
import type { Site } from '../inventory/site.ts';
import type { Host, Hostgroup, OperatingSystem, Subnet, SubnetProxies } from '../inventory/types.ts';
import { type Cidr, contains, parseCidr } from '../net/cidr.ts';
import { parseIpv4 } from '../net/ip.ts';
import type { Stored } from '../store/types.ts';
import { throughProxy } from './through-proxy.ts';

const SERVICES = [
  'dhcp_proxy',
  'tftp_proxy',
  'httpboot_proxy',
  'template_proxy',
] as const satisfies readonly (keyof SubnetProxies)[];

/** Tells which hosts are behind a proxy. */
export type Reach = {
  readonly subnets: readonly Subnet[];
  has(host: Host): boolean;
};

/** A host is behind a proxy by the subnet of an interface, or by an address on it. */
export function reachOf(site: Site, proxy: string): Reach {
  const subnets = site.list('subnets').filter((subnet) => SERVICES.some((key) => subnet[key] === proxy));
  const names = new Set(subnets.map(({ name }) => name));
  const networks = subnets.flatMap(({ network }) => parseCidr(network) ?? []);
  return {
    subnets,
    has(host) {
      const { interfaces } = effectiveHost(site, host);
      return interfaces.some(
        ({ subnet, ip }) => (subnet !== undefined && names.has(subnet)) || isIn(networks, ip),
      );
    },
  };
}

function isIn(networks: readonly Cidr[], ip: string | undefined): boolean {
  const address = ip === undefined ? undefined : parseIpv4(ip);
  return address !== undefined && networks.some((network) => contains(network, address));
}

export function sliceFor(site: Site, { subnets, has }: Reach): readonly Stored[] {
  const hosts = site.list('hosts').filter(has);
  const domains = new Set(subnets.flatMap(({ domain, domains: more = [] }) => [domain, ...more]));
  const put = <C extends Stored['collection']>(collection: C, records: readonly { readonly id: number }[]) =>
    records.filter(({ id }) => id > 0).map((record) => ({ op: 'put', collection, record }) as Stored);
  return [
    ...put('subnets', subnets.map(withoutParameters)),
    ...put(
      'domains',
      site
        .list('domains')
        .filter(({ name }) => domains.has(name))
        .map(withoutParameters),
    ),
    ...put('hostgroups', site.list('hostgroups').map(plainGroup)),
    ...put('operatingsystems', site.list('operatingsystems').map(plainSystem)),
    ...put('architectures', site.list('architectures')),
    ...put('media', site.list('media').map(throughProxy)),
    ...put('hosts', hosts.map(plainHost)),
    ...put('holds', site.list('holds')),
  ];
}

function withoutParameters<T extends { readonly parameters?: unknown }>(record: T): T {
  return { ...record, parameters: {} };
}

function plainHost(host: Host): Host {
  const { root_pass: _root, otp: _otp, facts: _facts, comment: _comment, owner: _owner, ...rest } = host;
  const { build_errors: _errors, disk: _disk, ptable: _table, ...needed } = rest;
  const interfaces = needed.interfaces.map(({ username: _user, password: _password, ...nic }) => nic);
  return withoutParameters({ ...needed, interfaces } as Host);
}

function plainGroup(group: Hostgroup): Hostgroup {
  const { root_pass: _root, ptable: _table, ...needed } = group;
  return withoutParameters({ ...needed, provisioning_templates: [] } as Hostgroup);
}

function plainSystem(os: OperatingSystem): OperatingSystem {
  return withoutParameters({ ...os, provisioning_templates: [], ptables: [] } as OperatingSystem);
}
