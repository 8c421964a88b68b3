/** Fields of hosts. What a host leaves to its hostgroup counts as its own. */

import { mergedParameters, parameterLayers } from '../../../inventory/parameters.ts';
import { domainOfHost, subnet6OfInterface } from '../../../inventory/site.ts';
import {
  BUILD_STATUS_WORDS,
  buildStatus,
  GLOBAL_STATUSES,
  globalStatus,
} from '../../../inventory/statuses.ts';
import {
  type Collection,
  type Host,
  type Inheritable,
  type OperatingSystem,
  primaryInterface,
} from '../../../inventory/types.ts';
import { parseMac } from '../../../net/mac.ts';
import {
  boolean,
  type Field,
  number,
  type Searchable,
  type SearchContext,
  text,
  time,
  type Value,
  type Values,
} from '../field.ts';
import { hostParameter, ownValue } from './parameters.ts';

type Of = Field<Host>['of'];
type NameOf = (host: Host, context: SearchContext) => string | undefined;

function inherited(field: keyof Inheritable): NameOf {
  return (host, context) => (host[field] ?? context.group(host.hostgroup)?.[field]) as string | undefined;
}

/** A reference: by name, by number, and under Foreman's dotted names. */
function named(field: string, collection: Collection, of: NameOf, bare?: true): Record<string, Field<Host>> {
  return {
    [field]: text(of, bare),
    [`${field}_name`]: text(of),
    [`${field}.name`]: text(of),
    [`${field}_id`]: number((host, context) => context.idNamed(collection, of(host, context))),
  };
}

const osName = inherited('operatingsystem');

function system(of: (os: OperatingSystem) => Value | undefined): Of {
  return (host, context) => {
    const os = context.site.get('operatingsystems', osName(host, context) ?? '');
    return os && of(os);
  };
}

function ofInterfaces(field: 'mac' | 'ip' | 'ip6' | 'identifier' | 'name'): Of {
  return ({ interfaces }) =>
    interfaces.length === 1 ? interfaces[0]![field] : interfaces.flatMap((nic) => nic[field] ?? []);
}

const subnetName: NameOf = (host, context) => {
  const nic = primaryInterface(host);
  if (nic === undefined) return undefined;
  return nic.subnet ?? context.group(host.hostgroup)?.subnet ?? context.subnetName(nic);
};

const subnet6Name: NameOf = (host, context) => {
  const nic = primaryInterface(host);
  if (nic === undefined) return undefined;
  return nic.subnet6 ?? context.group(host.hostgroup)?.subnet6 ?? subnet6OfInterface(context.site, nic)?.name;
};

const domainName: NameOf = (host, context) => {
  const own = primaryInterface(host)?.domain ?? context.group(host.hostgroup)?.domain;
  if (own !== undefined) return own;
  // Which subnet an address is in takes longest of all.
  const declared = context.subnetsHaveDomains() ? host : { name: host.name, interfaces: [] };
  return domainOfHost(context.site, declared)?.name;
};

const parents: Of = ({ hostgroup = '' }) =>
  hostgroup.split('/').map((_, i, parts) => parts.slice(0, i + 1).join('/'));

/** Foreman searches `subnet` by its address; its name finds it here as well. */
function network(of: NameOf): Of {
  return (host, context) => {
    const name = of(host, context);
    const subnet = name === undefined ? undefined : context.site.get('subnets', name);
    return subnet === undefined ? name : [subnet.name, subnet.network.split('/')[0]!, subnet.network];
  };
}

function ownerIs(type: 'User' | 'Usergroup'): NameOf {
  return ({ owner, owner_type = 'User' }) => (owner_type === type ? owner : undefined);
}

function parameter(name: string): Field<Host> {
  return hostParameter(name, [subnetName, subnet6Name, domainName]);
}

const title: NameOf = ({ hostgroup }) => hostgroup;
const ownName: NameOf = ({ hostgroup }) => hostgroup?.slice(hostgroup.lastIndexOf('/') + 1);
const groupId: Of = ({ hostgroup }, context) => context.idNamed('hostgroups', hostgroup);

/** What Foreman calls built, its pages call installed. */
const BUILD_STATUS: readonly Values[] = BUILD_STATUS_WORDS.map((word) =>
  word === 'built' ? [word, 'installed'] : word,
);

const MAC: Field<Host> = {
  ...text(ofInterfaces('mac')),
  normal: (wanted) => parseMac(wanted) ?? wanted,
  lookup: (wanted, { site }) => {
    const mac = parseMac(wanted);
    return mac === undefined ? undefined : site.hostByMac(mac)?.host;
  },
};

function byAddress(wanted: string, { site }: SearchContext): Host | undefined {
  return site.hostByIp(wanted)?.host;
}

export const HOSTS: Searchable<Host> = {
  fields: {
    id: {
      ...number<Host>((host, { idOf }) => idOf('hosts', host)),
      lookup: (wanted, { site, idOf }) => {
        const host = site.byId('hosts', Number(wanted));
        return host !== undefined && idOf('hosts', host) === host.id ? host : 'scan';
      },
    },
    name: {
      ...text<Host>(({ name }) => name, true),
      lookup: (wanted, { site }) => site.get('hosts', wanted),
    },
    comment: text(({ comment }) => comment, true),
    enabled: boolean(({ enabled }) => enabled),
    managed: boolean((host) => primaryInterface(host)?.managed ?? true),
    build: boolean(({ build }) => build),
    build_status: text((host, { now }) => BUILD_STATUS[buildStatus(host, now).status]),
    global_status: text((host, { now }) => GLOBAL_STATUSES[globalStatus(host, now).status]?.toLowerCase()),
    mac: { ...MAC, bare: true },
    ip: { ...text(ofInterfaces('ip'), true), lookup: byAddress },
    ip6: { ...text(ofInterfaces('ip6'), true), lookup: byAddress },
    has_ip: { ...text(ofInterfaces('ip')), lookup: byAddress },
    has_mac: MAC,
    interfaces: text(ofInterfaces('identifier')),
    hostgroup: text(ownName, true),
    hostgroup_name: text(ownName),
    hostgroup_title: text(title),
    hostgroup_fullname: text(title, true),
    hostgroup_id: number(groupId),
    parent_hostgroup: text(parents),
    os: text(
      system(({ name }) => name),
      true,
    ),
    os_title: text(osName, true),
    os_description: text(
      system(({ description }) => description),
      true,
    ),
    os_major: text(system(({ major }) => major)),
    os_minor: text(system(({ minor }) => minor)),
    os_family: text(system(({ family }) => family)),
    os_id: number((host, context) => context.idNamed('operatingsystems', osName(host, context))),
    operatingsystem: text(osName),
    operatingsystem_id: number((host, context) => context.idNamed('operatingsystems', osName(host, context))),
    ...named('architecture', 'architectures', inherited('architecture'), true),
    ...named('medium', 'media', inherited('medium')),
    ...named('ptable', 'ptables', inherited('ptable')),
    ...named('realm', 'realms', inherited('realm'), true),
    ...named('subnet', 'subnets', subnetName),
    ...named('subnet6', 'subnets', subnet6Name),
    ...named('domain', 'domains', domainName, true),
    ...named('model', 'models', ({ model }) => model, true),
    ...named('organization', 'organizations', ({ organization }) => organization),
    ...named('location', 'locations', ({ location }) => location),
    subnet: text(network(subnetName)),
    subnet6: text(network(subnet6Name)),
    owner: text(({ owner }) => owner),
    owner_type: text(({ owner, owner_type = 'User' }) => owner && owner_type),
    owner_id: number((host, context) => context.idNamed('users', ownerIs('User')(host, context))),
    'user.login': text(ownerIs('User')),
    'usergroup.name': text(ownerIs('Usergroup')),
    pxe_loader: text(inherited('pxe_loader')),
    provision_method: text(({ provision_method }) => provision_method ?? 'build'),
    uuid: text(({ uuid }) => uuid, true),
    certname: text(({ certname }) => certname),
    initiated_at: time(({ initiated_at }) => initiated_at),
    installed_at: time(({ installed_at }) => installed_at),
    params: text((host, { site }) => Object.keys(mergedParameters(parameterLayers(site, host)))),
    facts: text(({ facts = {} }) => Object.keys(facts)),
  },
  families: {
    params: parameter,
    parameter,
    facts: (name) => text(({ facts }) => ownValue(facts, name)),
  },
};
