/**
 * Which field of which record names which other record: what follows a renamed record, and what keeps a record from
 * being deleted. `faults/` says what is wrong with a reference; this says where they all are.
 */

import { nameOf, type Site } from './site.ts';
import { COLLECTIONS, type Collection, type Host, type Interface, type Records } from './types.ts';

type Fields = Readonly<Record<string, Collection>>;

const INHERITABLE: Fields = {
  operatingsystem: 'operatingsystems',
  architecture: 'architectures',
  medium: 'media',
  ptable: 'ptables',
  realm: 'realms',
};
const LOCATED: Fields = { organizations: 'organizations', locations: 'locations' };
const PROXIES: Fields = Object.fromEntries(
  ['dhcp', 'tftp', 'httpboot', 'template', 'dns', 'bmc'].map((name) => [`${name}_proxy`, 'smart_proxies']),
);

/** A field holds one name, a list of names, or names by key. */
const FIELDS: { readonly [C in Collection]?: Fields } = {
  hosts: {
    ...INHERITABLE,
    hostgroup: 'hostgroups',
    organization: 'organizations',
    location: 'locations',
    model: 'models',
  },
  hostgroups: {
    ...INHERITABLE,
    ...LOCATED,
    parent: 'hostgroups',
    domain: 'domains',
    subnet: 'subnets',
    subnet6: 'subnets',
    provisioning_templates: 'provisioning_templates',
  },
  operatingsystems: {
    media: 'media',
    architectures: 'architectures',
    ptables: 'ptables',
    provisioning_templates: 'provisioning_templates',
    default_templates: 'provisioning_templates',
  },
  subnets: { ...LOCATED, ...PROXIES, domain: 'domains', domains: 'domains' },
  domains: { ...LOCATED, dns_proxy: 'smart_proxies' },
  organizations: { ...LOCATED, parent: 'organizations' },
  locations: { ...LOCATED, parent: 'locations' },
  usergroups: { users: 'users', usergroups: 'usergroups' },
  personal_access_tokens: { user: 'users' },
  media: LOCATED,
  realms: LOCATED,
  users: { ...LOCATED, default_organization: 'organizations', default_location: 'locations' },
  smart_proxies: LOCATED,
  ptables: LOCATED,
  provisioning_templates: LOCATED,
};

const INTERFACE_FIELDS: Fields = { subnet: 'subnets', subnet6: 'subnets', domain: 'domains' };

/** Those that may name records of a collection, which spares looking through the others. */
const NAMING: ReadonlyMap<Collection, readonly Collection[]> = new Map(
  COLLECTIONS.map((to) => [to, COLLECTIONS.filter((from) => mayName(from, to))]),
);

function mayName(from: Collection, to: Collection): boolean {
  const fields = Object.values(FIELDS[from] ?? {});
  if (from !== 'hosts') return fields.includes(to);
  return [...fields, ...Object.values(INTERFACE_FIELDS), 'users', 'usergroups'].includes(to);
}

export type Referrer = {
  readonly [C in Collection]: { readonly collection: C; readonly record: Records[C] };
}[Collection];

/** Every record that names this one. */
export function referrers(site: Site, to: Collection, name: string): readonly Referrer[] {
  return (NAMING.get(to) ?? []).flatMap((collection) =>
    site
      .list(collection)
      .filter((record) => refersTo(collection, record, to, name))
      .map((record) => ({ collection, record }) as Referrer),
  );
}

type Fielded = Readonly<Record<string, unknown>>;

export function refersTo(
  from: Collection,
  record: Records[Collection],
  to: Collection,
  name: string,
): boolean {
  return (
    names(record as unknown as Fielded, FIELDS[from], to, name) ||
    (from === 'hosts' && hostRefersTo(record as Host, to, name))
  );
}

function names(record: Fielded, fields: Fields | undefined, to: Collection, name: string): boolean {
  for (const field in fields) if (fields[field] === to && holds(record[field], name)) return true;
  return false;
}

function holds(value: unknown, name: string): boolean {
  if (typeof value === 'string') return value === name;
  if (Array.isArray(value)) return value.includes(name);
  return typeof value === 'object' && value !== null && Object.values(value).includes(name);
}

function hostRefersTo(host: Host, to: Collection, name: string): boolean {
  if (to === ownersOf(host) && host.owner === name) return true;
  if (to !== 'subnets' && to !== 'domains') return false;
  return host.interfaces.some((nic) => names(nic as Fielded, INTERFACE_FIELDS, to, name));
}

function ownersOf({ owner_type }: Host): Collection {
  return owner_type === 'Usergroup' ? 'usergroups' : 'users';
}

/** The record with every mention of `before` replaced. */
export function renamedIn<C extends Collection>(
  from: C,
  record: Records[C],
  to: Collection,
  before: string,
  after: string,
): Records[C] {
  const replaced = replacedIn(record as unknown as Fielded, FIELDS[from], to, before, after);
  if (from !== 'hosts') return replaced as unknown as Records[C];
  const host = replaced as unknown as Host;
  const interfaces = host.interfaces.map(
    (nic) => replacedIn(nic as Fielded, INTERFACE_FIELDS, to, before, after) as unknown as Interface,
  );
  const owned = to === ownersOf(host) && host.owner === before ? { owner: after } : {};
  return { ...host, interfaces, ...owned } as unknown as Records[C];
}

function replacedIn(
  record: Fielded,
  fields: Fields | undefined,
  to: Collection,
  before: string,
  after: string,
): Fielded {
  const changed = Object.entries(fields ?? {})
    .filter(([field, collection]) => collection === to && holds(record[field], before))
    .map(([field]) => [field, replaced(record[field], before, after)]);
  return changed.length === 0 ? record : { ...record, ...Object.fromEntries(changed) };
}

function replaced(value: unknown, before: string, after: string): unknown {
  if (value === before) return after;
  if (Array.isArray(value)) return value.map((item) => (item === before ? after : item));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, item === before ? after : item]),
  );
}

/** What people call it in sentences. */
export function calledOf({ collection, record }: Referrer): string {
  return nameOf(collection, record as never);
}
