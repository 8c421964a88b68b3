/**
 * Everything a template can see, as plain data: it is worked out from the inventory here, sent to a worker,
 * and dressed up as Foreman's objects there (objects.ts).
 */

import { type BaseUrl, mediumUrl } from '../boot/urls.ts';
import { findPtable } from '../inventory/association.ts';
import { type BootFiles, bootFiles, mediumUri } from '../inventory/bootfiles.ts';
import { type EffectiveHost, effectiveHost } from '../inventory/hostgroup.ts';
import { type Site, subnetOfInterface } from '../inventory/site.ts';
import {
  type Domain,
  type Host,
  type Interface,
  type Medium,
  type OperatingSystem,
  type Parameters,
  type PartitionTable,
  primaryInterface,
  type Subnet,
  type TemplateKind,
} from '../inventory/types.ts';
import type { Mac } from '../net/mac.ts';

export type InterfaceScope = Interface & {
  readonly ipv4?: Subnet;
  readonly ipv6?: Subnet;
  readonly zone?: Domain;
};

export type MediumScope = Medium & {
  /** With its variables filled in, without trailing slash. */
  readonly uri: string;
};

export type HostScope = {
  readonly record: Omit<EffectiveHost, 'token' | 'interfaces' | 'parameters'>;
  readonly interfaces: readonly InterfaceScope[];
  readonly domain?: Domain;
  readonly os?: OperatingSystem;
  readonly medium?: MediumScope;
  readonly bootFiles?: BootFiles;
  readonly ptable?: PartitionTable;
  /** Token of the build, while there is one. */
  readonly token?: string;
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
  readonly host?: HostScope;
};

export type ScopeInput = {
  readonly site: Site;
  readonly host?: Host;
  readonly kind: TemplateKind;
  readonly base: BaseUrl;
  readonly mac?: Mac;
  /** Epoch milliseconds. */
  readonly now: number;
  readonly settings?: Parameters;
};

export function scopeOf({ site, host, kind, base, mac, now, settings = {} }: ScopeInput): ScopeData {
  const scope = host === undefined ? undefined : hostScope(site, host, base);
  return {
    kind,
    base,
    now,
    settings,
    parameters: parametersOf(site, host, scope),
    ...(mac !== undefined && { mac }),
    ...(scope !== undefined && { host: scope }),
  };
}

function hostScope(site: Site, declared: Host, base: BaseUrl): HostScope {
  const host = effectiveHost(site, declared);
  const { token, interfaces, parameters: _parameters, ...record } = host;
  const os = site.get('operatingsystems', host.operatingsystem ?? '');
  const medium = mediumOf(site, host, os, base);
  const files = os && medium && bootFiles(os, medium, host.architecture, medium.uri);
  const ptable = findPtable(site, host);
  const nics = interfaces.map((nic) => interfaceScope(site, nic));
  const zone = primaryOf(nics)?.zone ?? domainOfName(site, host.name);
  return {
    record,
    interfaces: nics,
    ...(zone && { domain: zone }),
    ...(os && { os }),
    ...(medium && { medium }),
    ...(files && { bootFiles: files }),
    ...(ptable && { ptable }),
    ...(host.build && token !== undefined && { token: token.value }),
  };
}

function primaryOf(interfaces: readonly InterfaceScope[]): InterfaceScope | undefined {
  return primaryInterface({ interfaces });
}

/** The medium of the host, else the only or first one of its operating system. */
function mediumOf(
  site: Site,
  host: EffectiveHost,
  os: OperatingSystem | undefined,
  base: BaseUrl,
): MediumScope | undefined {
  const medium = site.get('media', host.medium ?? os?.media[0] ?? '');
  if (medium === undefined || os === undefined) return undefined;
  return { ...medium, uri: mediumUri(medium, os, host.architecture, mediumUrl(base, medium.name)) };
}

function interfaceScope(site: Site, nic: Interface): InterfaceScope {
  const ipv4 = subnetOfInterface(site, nic);
  const ipv6 = nic.subnet6 === undefined ? undefined : site.get('subnets', nic.subnet6);
  const zone = site.get('domains', nic.domain ?? ipv4?.domain ?? '');
  return { ...nic, ...(ipv4 && { ipv4 }), ...(ipv6 && { ipv6 }), ...(zone && { zone }) };
}

/** `web.example.com` is in `example.com` when that domain is declared. */
function domainOfName(site: Site, name: string): Domain | undefined {
  const dot = name.indexOf('.');
  return dot < 0 ? undefined : site.get('domains', name.slice(dot + 1));
}

/** Foreman's priorities: global < domain < subnet < operating system < host. */
function parametersOf(site: Site, host: Host | undefined, scope: HostScope | undefined): Parameters {
  const common = Object.fromEntries(site.list('common_parameters').map(({ name, value }) => [name, value]));
  const primary = scope && primaryOf(scope.interfaces);
  return {
    ...common,
    ...scope?.domain?.parameters,
    ...primary?.ipv6?.parameters,
    ...primary?.ipv4?.parameters,
    ...scope?.os?.parameters,
    ...host?.parameters,
  };
}
