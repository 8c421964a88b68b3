/** What a fault is, and the most common one: a name that nothing has. */

import { nearest } from '../nearest.ts';
import { nameOf, type Site } from '../site.ts';
import { type Collection, isShipped } from '../types.ts';

/** `path` leads to the field inside the record: `['interfaces', 0, 'mac']`. */
export type Fault = {
  readonly path: readonly (string | number)[];
  readonly message: string;
  readonly suggestion?: string;
};

const SINGULAR: Readonly<Record<Collection, string>> = {
  hosts: 'host',
  hostgroups: 'hostgroup',
  operatingsystems: 'operating system',
  architectures: 'architecture',
  media: 'medium',
  subnets: 'subnet',
  domains: 'domain',
  realms: 'realm',
  organizations: 'organization',
  locations: 'location',
  users: 'user',
  usergroups: 'user group',
  personal_access_tokens: 'personal access token',
  models: 'hardware model',
  smart_proxies: 'smart proxy',
  ptables: 'partition table',
  provisioning_templates: 'template',
  common_parameters: 'parameter',
  settings: 'setting',
  holds: 'held machine',
};

export function reference(
  site: Site,
  collection: Collection,
  name: string | undefined,
  path: Fault['path'],
): readonly Fault[] {
  if (name === undefined || site.get(collection, name) !== undefined) return [];
  const known = site.list(collection).map((record) => nameOf(collection, record));
  return [
    {
      path,
      message: `there is no ${SINGULAR[collection]} named "${name}"`,
      suggestion: suggest(name, known),
    },
  ];
}

export function references(
  site: Site,
  collection: Collection,
  names: readonly string[],
  field: string,
): readonly Fault[] {
  return names.flatMap((name, i) => reference(site, collection, name, [field, i]));
}

/** Architectures need not be declared; but a site that declares some means them all. */
export function architectureReference(
  site: Site,
  name: string | undefined,
  path: Fault['path'],
): readonly Fault[] {
  return whereDeclared(site, 'architectures', name, path);
}

/** A reference that counts where any record of the kind is declared; those that come with the program are not. */
export function whereDeclared(
  site: Site,
  collection: Collection,
  name: string | undefined,
  path: Fault['path'],
): readonly Fault[] {
  const isDeclared = site.list(collection).some((record) => !isShipped(record));
  return isDeclared ? reference(site, collection, name, path) : [];
}

function suggest(name: string, known: readonly string[]): string {
  const near = nearest(name, known);
  if (near !== undefined) return `did you mean "${near}"?`;
  return known.length === 0 ? 'none is declared' : `known: ${known.slice(0, 8).join(', ')}`;
}
