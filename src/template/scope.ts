/**
 * Everything a template can see, as plain data: it is worked out from the inventory here, sent to a worker,
 * and dressed up as Foreman's objects there (objects/).
 */

import { type BaseUrl, mediumUrl } from '../boot/urls.ts';
import { findPtable } from '../inventory/association.ts';
import { type BootFiles, bootFiles, mediumUri } from '../inventory/bootfiles.ts';
import {
  DEFAULT_ARCHITECTURE,
  type EffectiveHost,
  effectiveHost,
  effectiveHostgroup,
} from '../inventory/hostgroup.ts';
import {
  globalParameters,
  hostgroupLayers,
  mergedParameters,
  parameterLayers,
} from '../inventory/parameters.ts';
import {
  domainOfHost,
  domainOfInterface,
  type Site,
  subnet6OfInterface,
  subnetOfInterface,
} from '../inventory/site.ts';
import {
  type Collection,
  type Domain,
  type Host,
  type Hostgroup,
  type Interface,
  type Medium,
  nestedTitle,
  type OperatingSystem,
  type Parameters,
  type PartitionTable,
  primaryInterface,
  type Realm,
  type Records,
  type Subnet,
  type Taxonomy,
  type TemplateKind,
  type User,
  type Usergroup,
} from '../inventory/types.ts';
import type { Mac } from '../net/mac.ts';

export type InterfaceScope = Interface & {
  readonly ipv4?: Subnet;
  readonly ipv6?: Subnet;
  readonly zone?: Domain;
};

export type MediumScope = Medium & {
  /** With its variables filled in. */
  readonly uri: string;
  /** Where Chainboot serves it when its path is a directory. */
  readonly served: string;
};

/** What is installed: of a host, or of a hostgroup. */
export type SystemScope = {
  readonly architecture: { readonly name: string; readonly id?: number };
  readonly os?: OperatingSystem;
  readonly medium?: MediumScope;
  readonly bootFiles?: BootFiles;
  readonly ptable?: PartitionTable;
};

export type HostgroupScope = SystemScope & {
  /** With what its ancestors give it. */
  readonly record: Hostgroup;
  readonly title: string;
  readonly domain?: Domain;
  readonly subnet?: Subnet;
  readonly subnet6?: Subnet;
  readonly realm?: Realm;
  readonly parent?: HostgroupScope;
  readonly parameters: Parameters;
};

export type OwnerScope =
  | { readonly type: 'User'; readonly user: User }
  /** `users` are all its members, those of member groups included. */
  | { readonly type: 'Usergroup'; readonly group: Usergroup; readonly users: readonly User[] };

export type HostScope = SystemScope & {
  /** With what its hostgroup gives it. */
  readonly record: Omit<EffectiveHost, 'token' | 'interfaces' | 'parameters'>;
  readonly interfaces: readonly InterfaceScope[];
  readonly domain?: Domain;
  readonly realm?: Realm;
  readonly hostgroup?: HostgroupScope;
  readonly organization?: Taxonomy;
  readonly location?: Taxonomy;
  readonly owner?: OwnerScope;
  /** Token of the build, while there is one. */
  readonly token?: string;
  /** Epoch milliseconds. */
  readonly tokenExpires?: number;
};

export type ScopeData = {
  readonly kind: TemplateKind;
  readonly base: BaseUrl;
  readonly now: number;
  /** The MAC address that asks, when it said one. */
  readonly mac?: Mac;
  /** Of the host, or the global ones when there is no host. */
  readonly parameters: Parameters;
  /** Foreman's settings that `global_setting` may read. */
  readonly settings: Parameters;
  /** `?static=` of the request, which Foreman hands on as `@static`. */
  readonly static?: boolean;
  /** Root certificate of our HTTPS, PEM. */
  readonly root?: string;
  /** Somebody looks at the rendering; no machine gets it. */
  readonly preview?: boolean;
  readonly host?: HostScope;
};

export type ScopeInput = {
  readonly site: Site;
  readonly host?: Host;
  readonly kind: TemplateKind;
  readonly base: BaseUrl;
  /** Where media in directories of ours are, if not there. */
  readonly served?: BaseUrl;
  readonly mac?: Mac;
  /** Epoch milliseconds. */
  readonly now: number;
  readonly static?: boolean;
  readonly root?: string;
  readonly preview?: boolean;
};

export function scopeOf(input: ScopeInput): ScopeData {
  const { site, kind, base, served = base, mac, now, root } = input;
  const host = input.host && effectiveHost(site, input.host);
  return {
    kind,
    base,
    now,
    settings: settingsOf(site),
    ...(input.static && { static: true }),
    ...(root !== undefined && { root }),
    ...(input.preview && { preview: true }),
    parameters: host === undefined ? globalParameters(site) : mergedParameters(parameterLayers(site, host)),
    ...(mac !== undefined && { mac }),
    ...(host !== undefined && { host: hostScope(site, host, served) }),
  };
}

function settingsOf(site: Site): Parameters {
  return Object.fromEntries(site.list('settings').map(({ name, value }) => [name, value]));
}

function hostScope(site: Site, host: EffectiveHost, base: BaseUrl): HostScope {
  const { token, interfaces, parameters: _parameters, ...record } = host;
  const domain = domainOfHost(site, host);
  const primary = primaryInterface(host);
  const hostgroup = find(site, 'hostgroups', host.hostgroup);
  const owner = ownerScope(site, host);
  const system = systemScope(site, host, base);
  return {
    ...system,
    ...optional('ptable', findPtable(site, host)),
    record,
    interfaces: interfaces.map((nic) => interfaceScope(site, nic, nic === primary ? domain : undefined)),
    ...(domain && { domain }),
    ...optional('realm', find(site, 'realms', host.realm)),
    ...optional('organization', find(site, 'organizations', host.organization)),
    ...optional('location', find(site, 'locations', host.location)),
    ...(hostgroup && { hostgroup: hostgroupScope(site, hostgroup, base, system) }),
    ...(owner && { owner }),
    ...(host.build && token !== undefined && { token: token.value }),
    ...(host.build && token?.expires_at !== undefined && { tokenExpires: token.expires_at }),
  };
}

function find<C extends Collection>(
  site: Site,
  collection: C,
  name: string | undefined,
): Records[C] | undefined {
  return name === undefined ? undefined : site.get(collection, name);
}

function optional<K extends string, T>(key: K, value: T | undefined): { readonly [P in K]?: T } {
  return (value === undefined ? {} : { [key]: value }) as { readonly [P in K]?: T };
}

type Installed = {
  readonly operatingsystem?: string;
  readonly architecture: string;
  readonly medium?: string;
};

function systemScope(
  site: Site,
  { operatingsystem, architecture, medium: name }: Installed,
  base: BaseUrl,
): SystemScope {
  const os = find(site, 'operatingsystems', operatingsystem);
  const medium = mediumScope(site, name, os, architecture, base);
  const files = os && medium && bootFiles(os, medium, architecture, medium.served);
  const known = site.get('architectures', architecture);
  return {
    architecture: { name: architecture, ...(known && { id: known.id }) },
    ...(os && { os }),
    ...(medium && { medium }),
    ...(files && { bootFiles: files }),
  };
}

/** The medium that is named, else the only or first one of the operating system. */
function mediumScope(
  site: Site,
  name: string | undefined,
  os: OperatingSystem | undefined,
  architecture: string,
  base: BaseUrl,
): MediumScope | undefined {
  const medium = find(site, 'media', name ?? os?.media[0]);
  if (medium === undefined || os === undefined) return undefined;
  const served = mediumUrl(base, medium.name);
  return { ...medium, served, uri: mediumUri(medium, os, architecture, served) };
}

/** The domain of a host is that of its primary interface, and the other way round. */
function interfaceScope(site: Site, nic: Interface, domain: Domain | undefined): InterfaceScope {
  return {
    ...nic,
    ...optional('ipv4', subnetOfInterface(site, nic)),
    ...optional('ipv6', subnet6OfInterface(site, nic)),
    ...optional('zone', domainOfInterface(site, nic) ?? domain),
  };
}

/** `near` is the system of the host or the group below, which mostly is that of this group too. */
function hostgroupScope(site: Site, group: Hostgroup, base: BaseUrl, near: SystemScope): HostgroupScope {
  const record = effectiveHostgroup(site, group);
  const title = nestedTitle(group);
  const installed = { ...record, architecture: record.architecture ?? DEFAULT_ARCHITECTURE };
  const parent = find(site, 'hostgroups', group.parent);
  const os = find(site, 'operatingsystems', record.operatingsystem);
  const system = isSame(near, installed, os) ? near : systemScope(site, installed, base);
  return {
    ...system,
    ...optional('ptable', find(site, 'ptables', record.ptable)),
    record,
    title,
    ...optional('domain', find(site, 'domains', record.domain)),
    ...optional('subnet', find(site, 'subnets', record.subnet)),
    ...optional('subnet6', find(site, 'subnets', record.subnet6)),
    ...optional('realm', find(site, 'realms', record.realm)),
    ...(parent && { parent: hostgroupScope(site, parent, base, system) }),
    parameters: {
      ...globalParameters(site),
      ...os?.parameters,
      ...mergedParameters(hostgroupLayers(site, title)),
    },
  };
}

function isSame(
  near: SystemScope,
  { architecture, medium }: Installed,
  os: OperatingSystem | undefined,
): boolean {
  const name = medium ?? os?.media[0];
  return near.os === os && near.architecture.name === architecture && near.medium?.name === name;
}

function ownerScope(site: Site, { owner, owner_type }: Host): OwnerScope | undefined {
  if (owner_type !== 'Usergroup') {
    const user = find(site, 'users', owner);
    return user && { type: 'User', user };
  }
  const group = find(site, 'usergroups', owner);
  if (group === undefined) return undefined;
  const logins = [...membersOf(site, group, new Set())];
  return { type: 'Usergroup', group, users: logins.flatMap((login) => site.get('users', login) ?? []) };
}

/** Groups may be members of each other. */
function membersOf(site: Site, group: Usergroup, seen: Set<string>): ReadonlySet<string> {
  seen.add(group.name);
  const nested = group.usergroups
    .filter((name) => !seen.has(name))
    .flatMap((name) => site.get('usergroups', name) ?? []);
  return new Set([...group.users, ...nested.flatMap((inner) => [...membersOf(site, inner, seen)])]);
}
