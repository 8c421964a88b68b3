/** The parameters of a host: where each comes from, and which wins. */

import { ancestry, effectiveHost } from './hostgroup.ts';
import { domainOfHost, type Site, subnet6OfInterface, subnetOfInterface } from './site.ts';
import {
  type Host,
  type Json,
  nestedTitle,
  osTitle,
  type Parameters,
  type Parametrized,
  primaryInterface,
  type Taxonomy,
} from './types.ts';

export type ParameterSource =
  | 'global'
  | 'organization'
  | 'location'
  | 'domain'
  | 'subnet'
  | 'operatingsystem'
  | 'hostgroup'
  | 'host';

/** What one record gives. */
export type ParameterLayer = {
  readonly source: ParameterSource;
  readonly name: string;
  readonly parameters: Parameters;
  /** Names of those whose values only administrators may see. */
  readonly hidden?: readonly string[];
};

type Owner = { readonly name: string } & Pick<Parametrized, 'parameters' | 'hidden_parameters'>;

function layerOf(source: ParameterSource, { name, parameters, hidden_parameters }: Owner): ParameterLayer {
  return { source, name, parameters, ...(hidden_parameters !== undefined && { hidden: hidden_parameters }) };
}

/**
 * The layers of a host, weakest first (foreman: app/models/parameter.rb and HostParams are the behaviour to match):
 * a child's after its parent's, those of an IPv6 subnet after those of the IPv4 one.
 */
export function parameterLayers(site: Site, declared: Host): readonly ParameterLayer[] {
  const host = effectiveHost(site, declared);
  const nic = primaryInterface(host);
  const layer =
    (source: ParameterSource) =>
    (record: Owner | undefined): ParameterLayer[] =>
      record === undefined ? [] : [layerOf(source, record)];
  const os =
    host.operatingsystem === undefined ? undefined : site.get('operatingsystems', host.operatingsystem);
  return [
    globalLayer(site),
    ...taxonomyLayers(site, 'organizations', host.organization).flatMap(layer('organization')),
    ...taxonomyLayers(site, 'locations', host.location).flatMap(layer('location')),
    ...layer('domain')(domainOfHost(site, host)),
    ...layer('subnet')(nic && subnetOfInterface(site, nic)),
    ...layer('subnet')(nic && subnet6OfInterface(site, nic)),
    ...layer('operatingsystem')(os && { ...os, name: osTitle(os) }),
    ...hostgroupLayers(site, host.hostgroup),
    ...layer('host')(host),
  ];
}

/** Of a hostgroup and its ancestors, the root's first. */
export function hostgroupLayers(site: Site, title: string | undefined): readonly ParameterLayer[] {
  return ancestry(site, title)
    .map((group) => layerOf('hostgroup', { ...group, name: nestedTitle(group) }))
    .reverse();
}

function taxonomyLayers(
  site: Site,
  collection: 'organizations' | 'locations',
  title: string | undefined,
): readonly Taxonomy[] {
  const record = title === undefined ? undefined : site.get(collection, title);
  return record === undefined
    ? []
    : [...taxonomyLayers(site, collection, record.parent), { ...record, name: nestedTitle(record) }];
}

function globalLayer(site: Site): ParameterLayer {
  const hidden = site.list('common_parameters').filter(({ hidden_value }) => hidden_value);
  const parameters = globalParameters(site);
  return {
    source: 'global',
    name: '',
    parameters,
    ...(hidden.length > 0 && { hidden: hidden.map(({ name }) => name) }),
  };
}

export function globalParameters(site: Site): Parameters {
  return Object.fromEntries(site.list('common_parameters').map(({ name, value }) => [name, value]));
}

/** One value a name: that of the strongest layer. */
export function mergedParameters(layers: readonly ParameterLayer[]): Parameters {
  // Not Object.assign: a parameter may be called `__proto__`.
  return Object.fromEntries(layers.flatMap((layer) => Object.entries(layer.parameters)));
}

/** The same without those that only administrators may see: what may be searched, and so guessed bit by bit. */
export function visibleParameters(layers: readonly ParameterLayer[]): Parameters {
  const visible = new Map<string, Json>();
  for (const { parameters, hidden = [] } of layers)
    for (const [name, value] of Object.entries(parameters)) {
      if (hidden.includes(name)) visible.delete(name);
      else visible.set(name, value);
    }
  return Object.fromEntries(visible);
}
